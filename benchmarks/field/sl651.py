"""How many SL 651 reports a core decodes, and how many a whole session takes: from the stream's bytes to values, and on to the rows of the store."""

import time
from collections.abc import Callable
from typing import Final

from benchmarks.result import Result, Say, Scale, judged, spread
from hub.catalogue import Catalogue, Device
from hub.link import FieldLink
from ingest.codec import Entry
from ingest.field.session import Deliver, Line
from ingest.protocols.sl651.framer import Framer
from ingest.protocols.sl651.protocol import Sl651
from ingest.protocols.sl651.rows import values_of
from ingest.protocols.sl651.sorting import whole
from simulators.field.sl651_wire import Wire

REACH: Final = 30_000
_CHUNK: Final = 4096
_NOW: Final = 1_795_401_680_000
_STATION: Final = "0012345678"
_VALUES: Final = {"20": 1.5, "26": 124.5, "39": 10.49, "38": 12.6}


def run(scale: Scale, say: Say) -> list[Result]:
    """Reports a second by one core: the codec alone, which has a goal, and the session with everything it does."""
    count = scale.pick(20_000, 100_000)
    rows = []
    for coding, ascii_ in (("HEX/BCD", False), ("ASCII", True)):
        stream = reports(count, ascii_=ascii_)
        for what, work, reach in (("codec", decode, f">= {REACH} frames/s"), ("session to readings", converse, "-")):
            figure = f"SL 651 32H, {coding}, {what}, one core"
            speeds = [_speed(work, stream, count) for _ in range(5)]
            say(f"{figure}: {spread(speeds, ',.0f')} frames/s")
            note = f"{count} reports of {len(stream) // count} bytes with {len(_VALUES)} elements, read {_CHUNK} bytes at a time"
            rows.append(
                Result(
                    figure=figure,
                    reach=reach,
                    measured=f"{spread(speeds, ',.0f')} frames/s",
                    verdict=judged(sorted(speeds)[2] >= REACH) if reach != "-" else "",
                    bound="CPU",
                    notes=(note,),
                )
            )
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
    for start in range(0, len(stream), _CHUNK):
        for piece in framer.feed(stream[start : start + _CHUNK]):
            if piece.frame is not None:
                found += len(values_of(whole(piece.frame).items, piece.frame.station, None, [])) == len(_VALUES)
    return found


def converse(stream: bytes) -> int:
    """Everything a session does with a report up to its readings and its confirmation; how many."""
    session = Sl651().open(Line("127.0.0.1", "Asia/Shanghai", _Book()), _NOW)
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
    """A register with one station."""

    def __init__(self) -> None:
        self._device = Device("water/water/s1", link=FieldLink("sl651", _STATION, "1234"))
        self._entry = Entry(self._device, Catalogue())

    def find(self, protocol: str, identity: str) -> Device | None:
        """The station."""
        return self._device if identity == _STATION else None

    def entry(self, station: str) -> Entry:
        """The station's entry."""
        return self._entry
