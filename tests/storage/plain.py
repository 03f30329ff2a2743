"""What the store's statistics should be, worked out value by value in plain Python: nothing here is shared with what it judges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.memory import is_valid, window_start
from storage.series import Every
from tests.storage.builders import Reading

HOUR = 3_600_000
QUARTER = 900_000

Lasting = tuple[int, float, int]
"""A time, a value, and how long it stands."""


@dataclass(frozen=True)
class Judged:
    """An exceedance."""

    total: int
    count: int
    hours: float
    longest_run: float
    longest_run_start: int | None
    max: float | None
    max_time: int | None
    min: float | None


def rows_by_series(readings: Iterable[Reading]) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """The valid values of each series by time; of the same time the last one written stands."""
    stored = {(row[0], row[1], row[2]): row for row in readings}
    series: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for key in sorted(stored):
        row = stored[key]
        if is_valid((row[2], row[3], row[4], row[5])):
            series.setdefault(row[:2], []).append((row[2], row[3]))
    return series


def allowed(period: int | None) -> float:
    """How long may pass between two values."""
    return QUARTER if period is None else round(2.5 * period)


def standing(values: Sequence[tuple[int, float]], period: int | None, end: int) -> list[Lasting]:
    """Each point with the time it stands for."""
    alone = allowed(period) if period is None else period
    found = []
    for i, (time, value) in enumerate(values):
        if i + 1 < len(values):
            until = values[i + 1][0]
            length = until - time if until - time <= allowed(period) else min(until - time, alone)
        else:
            length = max(0, min(end - time, alone))
        found.append((time, value, int(length)))
    return found


def window_means(values: Sequence[tuple[int, float]], every: Every, zone: str) -> list[Lasting]:
    """The mean of each window that has any, standing for the whole window."""
    groups: dict[int, list[float]] = {}
    for time, value in values:
        groups.setdefault(window_start(time, every, zone), []).append(value)
    return [(start, sum(some) / len(some), _window_end(start, every, zone) - start) for start, some in groups.items()]


def _window_end(start: int, every: Every, zone: str) -> int:
    low, high = start, start + 2 * HOUR
    while window_start(high, every, zone) == start:
        high += 12 * HOUR
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if window_start(middle, every, zone) == start else (low, middle)
    return high


def exceeded(values: Sequence[Lasting], low: float, high: float) -> Judged:
    """What broke [low, high]."""
    broken = [row for row in values if not low <= row[1] <= high]
    runs: list[tuple[int, int]] = []
    reached = None
    for time, value, length in values:
        if low <= value <= high:
            reached = None
            continue
        if reached is not None and reached >= time:
            runs[-1] = runs[-1][0], runs[-1][1] + length
        else:
            runs.append((time, length))
        reached = time + length
    if not broken:
        return Judged(len(values), 0, 0.0, 0.0, None, None, None, None)
    longest = max(length for _, length in runs)
    most = max(value for _, value, _ in broken)
    return Judged(
        len(values),
        len(broken),
        sum(length for _, _, length in broken) / HOUR,
        longest / HOUR,
        next(start for start, length in runs if length == longest),
        most,
        next(time for time, value, _ in broken if value == most),
        min(value for _, value, _ in broken),
    )


def classed(values: Sequence[Lasting], borders: Sequence[float], *, upper: bool) -> list[tuple[int, float]]:
    """Count and hours of each class."""
    found = [(0, 0.0) for _ in range(len(borders) + 1)]
    lengths = [0 for _ in found]
    for _, value, length in values:
        place = sum(value > border if upper else value >= border for border in borders)
        lengths[place] += length
        found[place] = found[place][0] + 1, lengths[place] / HOUR
    return found


def gaps(times: Sequence[int], start: int, end: int, most: float) -> list[tuple[int, int]]:
    """Where two times, or an end and its neighbour, are too far apart."""
    found, before = [], start
    for time in [*times, end]:
        if time - before > most:
            found.append((before, time))
        before = time
    return found
