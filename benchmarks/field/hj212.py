"""How many HJ 212 frames a core reads, and how many a whole session takes: from the stream's bytes to the rows of the store, and on to the answer."""

from typing import Final

from benchmarks.field.pace import Book, delivered, paced, pieces, sized
from benchmarks.result import Result, Say, Scale
from hub.catalogue import Device
from hub.link import FieldLink
from ingest.field.session import Line
from ingest.protocols.hj212 import Hj212
from ingest.protocols.hj212.frame import Frame, Framer
from ingest.protocols.hj212.packet import parse_packet
from ingest.protocols.hj212.readings import Reader
from simulators.field.hj212_wire import digits_of, frame_of

REACH: Final = 30_000
FACTORS: Final = (
    "w00000", "w01001", "w01018", "w21003", "w21011", "w21001", "w01010", "w01014", "w01003", "w01009",
)  # fmt: skip
PASSWORD: Final = "123456"  # noqa: S105 - the word of a logger that is none
_NOW: Final = 1_795_401_680_000
_MN: Final = "010000A8900016F000169DC0"


def run(scale: Scale, say: Say) -> list[Result]:
    """Frames a second by one core: from bytes to readings, which has a goal, and the session with everything it does."""
    count = sized(scale) // 2
    stream = frames(count)
    codec, session = "HJ 212 2011, codec to readings, one core", "HJ 212 2011, session to answer, one core"
    return [
        paced(codec, REACH, decode, stream, count, say),
        paced(session, 0, converse, stream, count, say),
    ]


def frames(count: int) -> bytes:
    """That many different real-time frames of one logger as one stream."""
    return b"".join(frame(_MN, _NOW - (count - number) * 1000, number) for number in range(count))


def frame(mn: str, time: int, number: int, sent: int | None = None) -> bytes:
    """One real-time frame of ten factors with their flags that wants an answer; `time` of the data and when it is `sent`, epoch ms."""
    digits, qn = digits_of(time), digits_of(time if sent is None else sent)
    values = ";".join(
        f"{code}-Rtd={place + 1}.{(number + place) % 1000:03d},{code}-Flag=N" for place, code in enumerate(FACTORS)
    )
    head = f"QN={qn}{number % 1000:03d};ST=32;CN=2011;PW={PASSWORD};MN={mn};Flag=5"
    return frame_of(f"{head};CP=&&DataTime={digits};{values}&&")


def decode(stream: bytes) -> int:
    """Frames found, checked, and read into rows; how many rows."""
    framer, reader, found = Framer(), Reader(), 0
    book = _book()
    entry = book.entry("")
    dialect = reader.dialect(entry)
    for piece in pieces(stream):
        for one in framer.feed(piece):
            if isinstance(one, Frame):
                taken = reader.read(parse_packet(one.segment), entry, dialect, _NOW)
                found += sum(len(reading.values) == len(FACTORS) for reading in taken.readings)
    return found


def converse(stream: bytes) -> int:
    """Everything a session does with a frame up to the answer that follows the durable record; how many."""
    return delivered(Hj212().open(Line("127.0.0.1", "Asia/Shanghai", _book()), _NOW), stream, _NOW)


def _book() -> Book:
    return Book(Device("eco/source/outlet-1", link=FieldLink("hj212", _MN, PASSWORD)))
