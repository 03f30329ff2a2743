"""Every statistic of a store beside the plain one."""

import math
from collections.abc import Sequence

import pytest

from storage.classes import distribution
from storage.exceedance import exceedance
from storage.gaps import find_gaps
from storage.held import Held, Span, held
from storage.limit import Limit
from storage.series import Every, Select, SeriesStore
from tests.storage import plain
from tests.storage.builders import ALL, Reading, rows_of

LIMITS = ((-math.inf, 52.0), (48.0, math.inf), (45.0, 55.0), (-math.inf, 1e9))
BORDERS = (40.0, 47.5, 50.0, 50.125, 61.0)


def period_of(station: str, name: str) -> int | None:
    """Some series declare how often they come, some do not."""
    return 600_000 if station and name == "ph" else None


def assert_judged(
    store: SeriesStore, written: Sequence[Reading], start: int, end: int, every: Every | None, zone: str, until: int
) -> None:
    """Exceedances and classes by points or windows are the plain ones, the numbers equal to 1e-9; those of a limit named at once too."""
    span = Span(start, end, until, every, zone)
    inside = [row for row in written if start <= row[2] < end]
    expected = {
        key: _lasting(key, values, min(end, until), every, zone) for key, values in plain.rows_by_series(inside).items()
    }
    found = list(held(store, ALL, span, period_of))
    for limit in (Limit(*pair) for pair in LIMITS):
        named = held(store, ALL, span, period_of, limit)
        assert [exceedance(one, limit) for one in named] == [exceedance(one, limit) for one in found]
    assert [(one.series.station, one.series.property) for one in found] == sorted(expected)
    for one in found:
        values = expected[one.series.station, one.series.property]
        assert one.time.tolist() == [time for time, _, _ in values]
        assert one.value.tolist() == pytest.approx([value for _, value, _ in values], rel=1e-9, abs=1e-9)
        # What follows is judged on the engine's own values, so that a mean on the very limit falls to the same side.
        assert_held(one, [(row[0], value, row[2]) for row, value in zip(values, one.value.tolist(), strict=True)])


def _lasting(
    key: tuple[str, str], values: list[tuple[int, float]], end: int, every: Every | None, zone: str
) -> list[plain.Lasting]:
    if every is not None:
        return plain.window_means(values, every, zone)
    return plain.standing(values, period_of(*key), max(end, values[-1][0]))


def assert_held(one: Held, expected: list[plain.Lasting]) -> None:
    """What stands how long, and what follows of it, is as plainly reckoned."""
    assert list(zip(one.time.tolist(), one.value.tolist(), one.cover.tolist(), strict=True)) == expected
    for low, high in LIMITS:
        ours, theirs = exceedance(one, Limit(low, high)), plain.exceeded(expected, low, high)
        assert [getattr(ours, name) for name in vars(theirs)] == list(vars(theirs).values())
    for upper in (True, False):
        classes = distribution(one, BORDERS, upper=upper)
        rows = list(zip(classes.count.tolist(), classes.hours.tolist(), strict=True))
        assert rows == plain.classed(expected, BORDERS, upper=upper)


def assert_gaps(store: SeriesStore, written: Sequence[Reading], start: int, end: int, allowed: int | None) -> None:
    """The gaps are the plain ones, of valid values and of all."""
    inside = [row for row in written if start <= row[2] < end]
    times: dict[tuple[str, str], set[int]] = {}
    for row in inside:
        times.setdefault(row[:2], set()).add(row[2])
    good = {key: {time for time, _ in values} for key, values in plain.rows_by_series(inside).items()}
    for select, expected in ((ALL, times), (Select(valid_only=True), good)):
        found = list(find_gaps(store, select, start, end, period_of, allowed))
        assert [(one.series.station, one.series.property) for one in found] == sorted(expected)
        for one in found:
            key = one.series.station, one.series.property
            most = plain.allowed(period_of(*key)) if allowed is None else allowed
            ours = list(zip(one.start.tolist(), one.end.tolist(), strict=True))
            assert ours == plain.gaps(sorted(expected[key]), start, end, most)


def assert_scanned(store: SeriesStore, oracle: SeriesStore, select: Select, start: int, end: int) -> None:
    """Whole series are the same."""
    assert rows_of(store.scan(select, start, end)) == rows_of(oracle.scan(select, start, end))
