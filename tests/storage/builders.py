"""Readings for tests: plain rows into batches, and answers into plain rows."""

from collections.abc import Iterable, Sequence

import numpy as np

from hub.batch import Block
from storage.series import Every, Incoming, Points, Select, SeriesStore

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC")
CHANGES = (
    ("Asia/Shanghai", (2028, 3, 26)),
    ("Europe/Berlin", (2028, 3, 26)),
    ("Europe/Berlin", (2028, 10, 29)),
    ("America/St_Johns", (2028, 3, 12)),
    ("America/St_Johns", (2028, 11, 5)),
    ("Australia/Lord_Howe", (2028, 4, 2)),
    ("Australia/Lord_Howe", (2028, 10, 1)),
)
"""Days on which clocks change, forward or back: Lord Howe's by half an hour, St. John's at half an hour's offset; one on which none do."""

EVERY = tuple(
    Every(count, unit)
    for count, unit in ((30, "s"), (10, "m"), (1, "h"), (6, "h"), (1, "d"), (1, "w"), (1, "mo"), (1, "y"))
)
AGGREGATES = ("mean", "min", "max", "sum", "count", "count_all", "first", "last", "p5", "p95", "median")
ALL = Select()

Reading = tuple[str, str, int, float, int, int]
"""station, property, time ms, value, quality code, check bits."""


def reading(time: int, value: float, *, at: str = "d/water/w1", of: str = "ph", q: int = 0, c: int = 0) -> Reading:
    """One value."""
    return at, of, time, value, q, c


def batch(readings: Sequence[Reading]) -> Incoming:
    """One block of one value for each reading, as written in order."""
    stations = tuple(dict.fromkeys(item[0] for item in readings))
    blocks = []
    names = [item[1] for item in readings]
    i = 0
    while i < len(readings):
        j = i
        while j < len(readings) and names[j] == names[i]:
            j += 1
        rows = readings[i:j]
        blocks.append(
            Block(
                (names[i],),
                np.array([stations.index(row[0]) for row in rows], np.uint32),
                np.array([row[2] for row in rows], np.int64),
                np.array([[row[3]] for row in rows]),
                np.array([[row[4]] for row in rows], np.uint8),
                np.array([[row[5]] for row in rows], np.uint8),
            )
        )
        i = j
    return Incoming(stations, tuple(blocks))


def matrix(
    stations: Sequence[str], properties: Sequence[str], times: Sequence[int], seed: int = 1, decimals: int = 3
) -> Incoming:
    """Every station tells every property at every time, oldest first."""
    chance = np.random.default_rng(seed)
    station = np.tile(np.arange(len(stations), dtype=np.uint32), len(times))
    value = chance.normal(50, 10, (len(station), len(properties))).round(decimals)
    return Incoming(
        tuple(stations), (Block(tuple(properties), station, np.repeat(np.array(times), len(stations)), value),)
    )


def rows_of(found: Iterable[Points]) -> list[Reading]:
    """The answer as rows, in the order given."""
    return [
        (points.series.station, points.series.property, *row)
        for points in found
        for row in zip(
            points.time.tolist(),
            points.value.tolist(),
            points.quality.tolist(),
            points.checks.tolist(),
            strict=True,
        )
    ]


def everything(store: SeriesStore, select: Select = ALL, start: int = -(1 << 50), end: int = 1 << 50) -> list[Reading]:
    """All values, page by page."""
    found, cursor = [], None
    while True:
        page = store.raw(select, start, end, 100_000, cursor)
        found += rows_of(page.points)
        cursor = page.next
        if cursor is None:
            return sorted(found)


def assert_same_windows(
    store: SeriesStore,
    oracle: SeriesStore,
    select: Select,
    start: int,
    end: int,
    every: Every,
    zone: str,
    aggregates: Sequence[str] = AGGREGATES,
) -> None:
    """Both give the same windows, the numbers equal to 1e-9."""
    found = store.windows(select, start, end, every, aggregates, zone)
    expected = oracle.windows(select, start, end, every, aggregates, zone)
    assert [item.series for item in found] == [item.series for item in expected]
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.start.tolist() == theirs.start.tolist(), (every, zone)
        assert list(ours.columns) == list(aggregates)
        for name in aggregates:
            np.testing.assert_allclose(
                ours.columns[name], theirs.columns[name], rtol=1e-9, atol=1e-9, err_msg=f"{name} {every} {zone}"
            )
