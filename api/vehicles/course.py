"""What a path tells: where nothing was heard, where the vehicle stood, how far it went."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.vehicles.path import Path
from hub.batch import Floats, Ints
from hub.rule import GAP_PERIODS

LEAST_GAP_MS: Final = 60_000
DEFAULT_GAP_MS: Final = 300_000
STOP_MS: Final = 180_000
STOP_M: Final = 100.0
"""A stop: three minutes or more without leaving a circle of 100 m."""

_CRAWL: Final = 1.0
_STANDING: Final = 3.0
_DRIFT: Final = 5.0
_BREAK_MS: Final = 30_000

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """Positions `first` to `last` of a path, both included, around one place."""

    first: int
    last: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A path and what it tells; `gaps` (k,) are the positions after which nothing was heard for longer than `gap_ms`."""

    path: Path
    gap_ms: int
    gaps: Places
    stops: tuple[Stop, ...]
    metres: float

    @property
    def part(self) -> Ints:
        """The number of the unbroken part that each position belongs to, (n,)."""
        found = np.zeros(len(self.path), np.int64)
        found[self.gaps + 1] = 1
        return np.cumsum(found)

    @property
    def fastest(self) -> int | None:
        """The position with the highest speed, None where no speed is known."""
        if not len(self.path) or np.isnan(self.path.speed).all():
            return None
        return int(np.nanargmax(self.path.speed))


def gap_of(period_ms: int | None) -> int:
    """For how long nothing may be heard of a vehicle before its path is broken, ms."""
    return DEFAULT_GAP_MS if period_ms is None else max(LEAST_GAP_MS, round(period_ms * GAP_PERIODS))


def course_of(path: Path, gap_ms: int) -> Course:
    """The course along `path`."""
    if len(path) < 2:
        return Course(path, gap_ms, np.empty(0, np.intp), (), 0.0)
    metres, wait = path.metres(), np.diff(path.time)
    broken = wait > gap_ms
    stops = _stops(path, metres, wait, broken)
    driven = ~broken
    for stop in stops:
        driven[stop.first : stop.last] = False
    return Course(path, gap_ms, np.flatnonzero(broken), stops, float(metres[driven].sum()))


def _stops(path: Path, metres: Floats, wait: Ints, broken: NDArray[np.bool_]) -> tuple[Stop, ...]:
    pace = metres / (wait / 1000)
    standing = np.nan_to_num(path.speed, nan=np.inf) < _STANDING
    slow = ~broken & ((pace < _CRAWL) | (standing[1:] & standing[:-1] & (pace < _DRIFT)))
    edges = np.diff(np.concatenate(([0], slow.astype(np.int8), [0])))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    found: list[tuple[int, int]] = []
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        if found and _one_stop(path, found[-1][1], begin, broken):
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    stops = (_stop(path, begin, end) for begin, end in found if path.time[end] - path.time[begin] >= STOP_MS)
    return tuple(stop for stop in stops if stop is not None)


def _one_stop(path: Path, before: int, after: int, broken: NDArray[np.bool_]) -> bool:
    """Whether two slow runs are one stop: a receiver that wandered for some seconds."""
    short = path.time[after] - path.time[before] <= _BREAK_MS and not broken[before:after].any()
    return bool(short and path.take(np.array([before, after])).metres()[0] <= STOP_M)


def _stop(path: Path, first: int, last: int) -> Stop | None:
    """The stop at the middle of these positions, None where they lead away from it."""
    inside = path.take(np.arange(first, last + 1))
    east, north = inside.flat()
    far = np.hypot(east - np.median(east), north - np.median(north)).max()
    if far > STOP_M:
        return None
    return Stop(first, last, round(float(np.median(inside.lon)), 7), round(float(np.median(inside.lat)), 7))
