"""How many SL 651 reports a core decodes, and how many a whole session takes: from the stream's bytes to values, and on to the rows of the store."""

from typing import Final

from benchmarks.field.pace import Book, delivered, paced, pieces, sized
from benchmarks.result import Result, Say, Scale
from hub.catalogue import Device
from hub.link import FieldLink
from ingest.field.session import Line
from ingest.protocols.sl651.framer import Framer
from ingest.protocols.sl651.protocol import Sl651
from ingest.protocols.sl651.rows import values_of
from ingest.protocols.sl651.sorting import whole
from simulators.field.sl651_wire import Wire

REACH: Final = 30_000
_NOW: Final = 1_795_401_680_000
_STATION: Final = "0012345678"
_VALUES: Final = {"20": 1.5, "26": 124.5, "39": 10.49, "38": 12.6}


def run(scale: Scale, say: Say) -> list[Result]:
    """Reports a second by one core: the codec alone, which has a goal, and the session with everything it does."""
    count, rows = sized(scale), []
    for coding, ascii_ in (("HEX/BCD", False), ("ASCII", True)):
        stream = reports(count, ascii_=ascii_)
        rows.append(paced(f"SL 651 32H, {coding}, codec, one core", REACH, decode, stream, count, say))
        rows.append(paced(f"SL 651 32H, {coding}, session to readings, one core", 0, converse, stream, count, say))
    return rows


def reports(count: int, *, ascii_: bool) -> bytes:
    """That many different timed reports of one station as one stream."""
    wire = Wire(_STATION, "1234", ascii_=ascii_)
    frames = []
    for number in range(count):
        moment = _NOW - (count - number) * 1000
        body = wire.head(number % 65535 + 1, moment) + wire.site("H", moment)
        body += b"".join(wire.element(code, value + number % 50 / 10) for code, value in _VALUES.items())
        frames.append(wire.frame(0x32, body))
    return b"".join(frames)


def decode(stream: bytes) -> int:
    """Frames found, checked and read; how many."""
    framer, found = Framer(), 0
    for bytes_ in pieces(stream):
        for piece in framer.feed(bytes_):
            if piece.frame is not None:
                found += len(values_of(whole(piece.frame).items, piece.frame.station, None, [])) == len(_VALUES)
    return found


def converse(stream: bytes) -> int:
    """Everything a session does with a report up to its readings and its confirmation; how many."""
    book = Book(Device("water/water/s1", link=FieldLink("sl651", _STATION, "1234")))
    return delivered(Sl651().open(Line("127.0.0.1", "Asia/Shanghai", book), _NOW), stream, _NOW)
