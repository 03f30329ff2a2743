"""How many HJ 212 frames a core reads, and how many a whole session takes: from the stream's bytes to the rows of the store, and on to the answer."""

import time
from collections.abc import Callable
from typing import Final

from benchmarks.result import Result, Say, Scale, judged, spread
from hub.catalogue import Catalogue, Device
from hub.link import FieldLink
from ingest.codec import Entry
from ingest.field.session import Deliver, Line
from ingest.protocols.hj212 import Hj212
from ingest.protocols.hj212.frame import Frame, Framer
from ingest.protocols.hj212.packet import parse_packet
from ingest.protocols.hj212.readings import Reader
from simulators.field.hj212_wire import digits_of, frame_of

REACH: Final = 30_000
_CHUNK: Final = 4096
_NOW: Final = 1_795_401_680_000
_MN: Final = "010000A8900016F000169DC0"
_FACTORS: Final = (
    "w00000", "w01001", "w01018", "w21003", "w21011", "w21001", "w01010", "w01014", "w01003", "w01009",
)  # fmt: skip
_DEVICE: Final = Device("eco/source/outlet-1", link=FieldLink("hj212", _MN, "123456"))
_ENTRY: Final = Entry(_DEVICE, Catalogue())


def run(scale: Scale, say: Say) -> list[Result]:
    """Frames a second by one core: from bytes to readings, which has a goal, and the session with everything it does."""
    count = scale.pick(10_000, 50_000)
    stream = frames(count)
    note = f"{count} real-time frames of {len(stream) // count} bytes with {len(_FACTORS)} factors and their flags, read {_CHUNK} bytes at a time"
    rows = []
    for what, work, reach in (
        ("codec to readings", decode, f">= {REACH} frames/s"),
        ("session to answer", converse, "-"),
    ):
        figure = f"HJ 212 2011, {what}, one core"
        speeds = [_speed(work, stream, count) for _ in range(5)]
        say(f"{figure}: {spread(speeds, ',.0f')} frames/s")
        verdict = judged(sorted(speeds)[2] >= REACH) if reach != "-" else ""
        measured = f"{spread(speeds, ',.0f')} frames/s"
        rows.append(Result(figure=figure, reach=reach, measured=measured, verdict=verdict, bound="CPU", notes=(note,)))
    return rows


def frames(count: int) -> bytes:
    """That many different real-time frames of one logger as one stream."""
    found = []
    for number in range(count):
        time_ = digits_of(_NOW - (count - number) * 1000)
        values = ";".join(
            f"{code}-Rtd={place + 1}.{(number + place) % 1000:03d},{code}-Flag=N" for place, code in enumerate(_FACTORS)
        )
        head = f"QN={time_}{number % 1000:03d};ST=32;CN=2011;PW=123456;MN={_MN};Flag=5"
        found.append(frame_of(f"{head};CP=&&DataTime={time_};{values}&&"))
    return b"".join(found)


def decode(stream: bytes) -> int:
    """Frames found, checked, and read into rows; how many rows."""
    framer, reader, found = Framer(), Reader(), 0
    dialect = reader.dialect(_ENTRY)
    for start in range(0, len(stream), _CHUNK):
        for frame in framer.feed(stream[start : start + _CHUNK]):
            assert isinstance(frame, Frame)
            taken = reader.read(parse_packet(frame.segment), _ENTRY, dialect, _NOW)
            found += sum(len(reading.values) == len(_FACTORS) for reading in taken.readings)
    return found


def converse(stream: bytes) -> int:
    """Everything a session does with a frame up to the answer that follows the durable record; how many."""
    session = Hj212().open(Line("127.0.0.1", "Asia/Shanghai", _Book()), _NOW)
    found = 0
    for start in range(0, len(stream), _CHUNK):
        for action in session.received(stream[start : start + _CHUNK], _NOW):
            if isinstance(action, Deliver):
                found += len(action.taken.readings)
                session.durable(action.token, _NOW)
    return found


def _speed(work: Callable[[bytes], int], stream: bytes, count: int) -> float:
    begun = time.process_time()
    found = work(stream)
    seconds = time.process_time() - begun
    if found != count:
        raise RuntimeError(f"{found} rows came out of {count} frames")
    return count / seconds


class _Book:
    """A register with one logger."""

    def find(self, protocol: str, identity: str) -> Device | None:
        """The logger."""
        return _DEVICE if identity == _MN else None

    def entry(self, station: str) -> Entry:
        """The logger's entry."""
        return _ENTRY
