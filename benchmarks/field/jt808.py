"""How many JT/T 808 reports a core decodes, and how many a whole session takes: from the stream's bytes to values, and on to the rows of the store."""

import time
from collections.abc import Callable
from typing import Final

from benchmarks.result import Result, Say, Scale, judged, spread
from hub.catalogue import Catalogue, Device
from hub.link import FieldLink
from ingest.codec import Entry
from ingest.field.session import Deliver, Line
from ingest.protocols.jt808 import Jt808
from ingest.protocols.jt808.frame import parse_frame
from ingest.protocols.jt808.framer import Framer
from ingest.protocols.jt808.message import read_message
from simulators.field.jt808 import Plan, Terminal

REACH: Final = 60_000
_CHUNK: Final = 4096
_NOW: Final = 1_795_401_680_000
_PHONE: Final = "13800000001"


def run(scale: Scale, say: Say) -> list[Result]:
    """Reports a second by one core: the codec alone, which has a goal, and the session with everything it does."""
    count = scale.pick(20_000, 100_000)
    stream = reports(count)
    rows = []
    for figure, work, reach in (
        ("JT/T 808 0200, codec, one core", decode, f">= {REACH} reports/s"),
        ("JT/T 808 0200, session to readings, one core", converse, "-"),
    ):
        speeds = [_speed(work, stream, count) for _ in range(5)]
        say(f"{figure}: {spread(speeds, ',.0f')} reports/s")
        verdict = judged(sorted(speeds)[2] >= REACH) if reach != "-" else ""
        note = (
            f"{count} reports of {len(stream) // count} bytes with five additional items, read {_CHUNK} bytes at a time"
        )
        measured = f"{spread(speeds, ',.0f')} reports/s"
        rows.append(Result(figure=figure, reach=reach, measured=measured, verdict=verdict, bound="CPU", notes=(note,)))
    return rows


def reports(count: int) -> bytes:
    """That many different reports of one vehicle as one stream."""
    terminal = Terminal(Plan(_PHONE, period_s=1.0, code="x"), _NOW - (count - 1) * 1000)
    terminal.admit()
    return b"".join(terminal.tick(_NOW))


def decode(stream: bytes) -> int:
    """Frames found, checked and read; how many."""
    framer, found = Framer(), 0
    for start in range(0, len(stream), _CHUNK):
        for piece in framer.feed(stream[start : start + _CHUNK])[0]:
            message = read_message(parse_frame(piece))
            found += bool(message.values["location"].items)
    return found


def converse(stream: bytes) -> int:
    """Everything a session does with a report up to its readings and its answer; how many."""
    session = Jt808().open(Line("127.0.0.1", "Asia/Shanghai", _Book(), trusted=True), _NOW)
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
        raise RuntimeError(f"{found} reports came out of {count}")
    return count / seconds


class _Book:
    """A register with one vehicle."""

    def __init__(self) -> None:
        self._device = Device("transport/vehicle/v1", link=FieldLink("jt808", _PHONE))
        self._entry = Entry(self._device, Catalogue())

    def find(self, protocol: str, identity: str) -> Device | None:
        """The vehicle."""
        return self._device if identity == _PHONE else None

    def entry(self, station: str) -> Entry:
        """The vehicle's entry."""
        return self._entry
