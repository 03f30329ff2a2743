"""How fast a codec or a session takes a stream: read in pieces as sockets give them, on one core, with a register of one device."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.result import Result, Say, Scale, judged, spread
from hub.catalogue import Catalogue, Device
from ingest.codec import Entry
from ingest.field.session import Deliver, FieldSession

CHUNK: Final = 4096
_ROUNDS: Final = 5


class Book:
    """The register of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._entry = Entry(device, Catalogue())

    def find(self, protocol: str, identity: str) -> Device | None:
        """The device, under its link's identity."""
        link = self._device.link
        return self._device if link is not None and link.identity == identity else None

    def entry(self, station: str) -> Entry:
        """The device's entry."""
        return self._entry


def pieces(stream: bytes) -> Iterator[bytes]:
    """The stream as a socket gives it."""
    return (stream[start : start + CHUNK] for start in range(0, len(stream), CHUNK))


def delivered(session: FieldSession, stream: bytes, now: int) -> int:
    """Readings of everything a session delivers, each record durable at once."""
    found = 0
    for piece in pieces(stream):
        for action in session.received(piece, now):
            if isinstance(action, Deliver):
                found += len(action.taken.readings)
                session.durable(action.token, now)
    return found


def paced(figure: str, reach: int, work: Callable[[bytes], int], stream: bytes, count: int, say: Say) -> Result:
    """A row: frames a second of one core; `reach` 0 where there is no goal.

    Raises:
        RuntimeError: another number came out than went in.
    """
    speeds = [_speed(work, stream, count) for _ in range(_ROUNDS)]
    measured = f"{spread(speeds, ',.0f')}/s"
    say(f"{figure}: {measured}")
    return Result(
        figure=figure,
        reach=f">= {reach:,}/s" if reach else "-",
        measured=measured,
        verdict=judged(sorted(speeds)[_ROUNDS // 2] >= reach) if reach else "",
        bound="CPU",
        notes=(f"{count} frames of {len(stream) // count} bytes, read {CHUNK} bytes at a time",),
    )


def sized(scale: Scale) -> int:
    """How many frames a round takes."""
    return scale.pick(20_000, 100_000)


def _speed(work: Callable[[bytes], int], stream: bytes, count: int) -> float:
    begun = time.process_time()
    found = work(stream)
    seconds = time.process_time() - begun
    if found != count:
        raise RuntimeError(f"{found} came out of {count}")
    return count / seconds
