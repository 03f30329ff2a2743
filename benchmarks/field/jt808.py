"""How many JT/T 808 reports a core decodes, and how many a whole session takes: from the stream's bytes to values, and on to the rows of the store."""

from typing import Final

from benchmarks.field.pace import Book, delivered, paced, pieces, sized
from benchmarks.result import Result, Say, Scale
from hub.catalogue import Device
from hub.link import FieldLink
from ingest.field.session import Line
from ingest.protocols.jt808 import Jt808
from ingest.protocols.jt808.frame import parse_frame
from ingest.protocols.jt808.framer import Framer
from ingest.protocols.jt808.message import read_message
from simulators.field.jt808 import Plan, Terminal

REACH: Final = 60_000
_NOW: Final = 1_795_401_680_000
_PHONE: Final = "13800000001"


def run(scale: Scale, say: Say) -> list[Result]:
    """Reports a second by one core: the codec alone, which has a goal, and the session with everything it does."""
    count = sized(scale)
    stream = reports(count)
    return [
        paced("JT/T 808 0200, codec, one core", REACH, decode, stream, count, say),
        paced("JT/T 808 0200, session to readings and answer, one core", 0, converse, stream, count, say),
    ]


def reports(count: int) -> bytes:
    """That many different reports of one vehicle, each with five additional items, as one stream."""
    terminal = Terminal(Plan(_PHONE, period_s=1.0, code="x"), _NOW - (count - 1) * 1000)
    terminal.admit()
    return b"".join(terminal.tick(_NOW))


def decode(stream: bytes) -> int:
    """Frames found, checked and read; how many."""
    framer, found = Framer(), 0
    for piece in pieces(stream):
        for between in framer.feed(piece)[0]:
            found += len(read_message(parse_frame(between)).values["location"].items) == 5
    return found


def converse(stream: bytes) -> int:
    """Everything a session does with a report up to its readings and its answer; how many."""
    book = Book(Device("transport/vehicle/v1", link=FieldLink("jt808", _PHONE)))
    return delivered(Jt808().open(Line("127.0.0.1", "Asia/Shanghai", book, trusted=True), _NOW), stream, _NOW)
