"""Reading: raw columns and whole hours or days from the server, everything else made of them in the hub.

No answer of the server is larger than some megabytes, however much is asked: series come in slices, windows by groups of series.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from hub.batch import Floats, Ints
from storage.aggregate import aggregate
from storage.columns import valid
from storage.influx import flux
from storage.influx.server import Server
from storage.influx.slices import ROWS, Slice, Slicer
from storage.influx.table import Table, tagged
from storage.paging import joined, page, taken
from storage.partials import Grain, Partials, fold, grain
from storage.select import check_points
from storage.series import Every, Page, Points, Select, Series, Windows
from storage.windows import DAY

_SERIES_A_QUERY: Final = 50
_MANY: Final = 50
_FEW_STEPS: Final = 50
_STREAMS: Final = {
    "sum": ("sum", "vv"),
    "count": ("count", "vv"),
    "min": ("min", "vv"),
    "max": ("max", "vv"),
    "count_all": ("count", "v"),
}
_NEEDS: Final = {
    "mean": ("sum", "count"),
    "sum": ("sum", "count"),
    "min": ("min", "count"),
    "max": ("max", "count"),
    "count": ("count",),
    "count_all": ("count_all",),
}
_VALUES: Final = {"v": 'r._field == "v"'}
_FLAGGED: Final = {**_VALUES, "q": 'r._field == "q" and r._value != 0', "c": 'r._field == "c" and r._value != 0'}
"""Nearly all flags are 0, so only the others travel."""

_EMPTY: Final = {"count_all": 0.0, "count": 0.0, "sum": 0.0, "min": np.inf, "max": -np.inf}


class InfluxReader:
    """Reads one bucket, about `most` rows at a time; safe in any thread."""

    def __init__(self, server: Server, most: int = ROWS) -> None:
        self._server = server
        self._bucket = server.place.bucket
        self._slicer = Slicer(server, most)
        self._most = most

    def points(self, select: Select, start: int, end: int, most: int | None = None) -> list[Points]:
        """The values of the selected series in [start, end), of each series at most the first `most`."""
        if not flux.any_range(start, end):
            return []
        where, cut = flux.selected(select), [] if most is None else [f"limit(n: {most})"]
        values = flux.source(self._bucket, start, end, [*where, 'r._field == "v"'])
        flags = flux.source(self._bucket, start, end, [*where, 'r._field == "q" or r._field == "c"', "r._value != 0"])
        query = flux.stream(values, "v", *cut) + "\n" + flux.stream(flags, "f", *cut, field=True)
        tables = list(tagged(self._server.ask(query)))
        raised = {(table.station, table.property, table.field): table for table in tables if table.result == "f"}
        found = [_of_table(table, raised) for table in tables if table.result == "v"]
        return sorted(_unique(found), key=lambda points: (points.series.station, points.series.property))

    def scan(self, select: Select, start: int, end: int, *, flags: bool = True) -> Iterator[Points]:
        """Each selected series with all its values in [start, end); without `flags`, those of a series that is valid all along are left out.

        Raises:
            BadQuery: a series has more values than can be held.
        """
        if not flux.any_range(start, end):
            return
        counts = self._slicer.count(flux.selected(select), "v", start, end)
        check_points(max(counts.values(), default=0))
        points: Iterable[Points]
        if sum(counts.values()) <= self._most:
            points = self.points(select, start, end)
        else:
            valid_counts = {} if flags else self._slicer.count(flux.selected(select), "vv", start, end)
            points = self._whole(counts, valid_counts, start, end)
        for each in points:
            wanted = _only_valid(each) if select.valid_only else each
            if len(wanted.time):
                yield wanted

    def _whole(
        self, counts: Mapping[Series, int], valid_counts: Mapping[Series, int], start: int, end: int
    ) -> Iterator[Points]:
        slices = (
            each
            for series in _ordered(counts)
            for each in self._slicer.slices(
                series, start, end, counts[series], _VALUES if valid_counts.get(series) == counts[series] else _FLAGGED
            )
        )
        read = ((each.series, _of_slice(each, tables)) for each, tables in self._slicer.read(slices))
        for _, group in groupby(read, key=lambda item: item[0]):
            yield from joined([points for _, points in group if points is not None])

    def page(self, select: Select, start: int, end: int, limit: int, cursor: str | None) -> Page:
        """The next values, oldest first."""
        # One more shows that there is a next page, one more is the cursor's own; flags may leave any number out.
        most = None if select.valid_only else limit + 2
        series = len(select.properties) if select.device is not None and select.properties else _MANY
        return page(lambda low, high: self.points(select, low, high, most), series, select, start, end, limit, cursor)

    def windows(
        self, select: Select, start: int, end: int, every: Every, names: Sequence[str], zone: str
    ) -> list[Windows]:
        """Aggregates per window; by the server's hours where those give the same numbers."""
        if not flux.any_range(start, end):
            return []
        steps = grain(names, every, zone, start, end)
        if steps is None or self._raw_is_less(select, start, end, names, steps):
            return [aggregate(item, every, names, zone) for item in self.scan(select, start, end, flags=False)]
        parts = (
            item
            for where in self._groups(select, start, end, (end - start) // steps.step + 2)
            for item in self._partials(where, select.valid_only, (start, end), names, steps)
        )
        return [fold(series, part, every, names, zone) for series, part in parts]

    def _raw_is_less(self, select: Select, start: int, end: int, names: Sequence[str], steps: Grain) -> bool:
        """Whether the values themselves are fewer rows than their hours, as with four values an hour and four aggregates."""
        count = (end - start) // steps.step
        if steps.step == DAY or count <= _FEW_STEPS:
            return False
        values = self._slicer.count(flux.selected(select), "v", start, end)
        return sum(values.values()) <= count * len(values) * len(_streams(names, select.valid_only))

    def _groups(self, select: Select, start: int, end: int, steps: int) -> Iterator[list[str]]:
        """Conditions that select the series, so many at a time that their steps make answers of a bounded size."""
        if select.device is not None or steps <= _FEW_STEPS:
            yield flux.selected(select)
            return
        rows = flux.source(self._bucket, start, end, [*flux.selected(select), 'r._field == "v"'])
        keys = sorted(self._keys(flux.stream(rows, "keys", "last()", time=False)))
        size = max(1, self._most // steps)
        if len(keys) <= size:
            yield flux.selected(select)
            return
        for i in range(0, len(keys), min(size, _SERIES_A_QUERY)):
            yield [flux.of_series(keys[i : i + min(size, _SERIES_A_QUERY)])]

    def _keys(self, query: str) -> set[tuple[str, str]]:
        return {(table.station, table.property) for table in tagged(self._server.ask(query))}

    def _partials(
        self, where: Sequence[str], valid_only: bool, span: tuple[int, int], names: Sequence[str], steps: Grain
    ) -> Iterator[tuple[Series, Partials]]:
        query = "\n".join(
            flux.stream(
                flux.source(self._bucket, *span, [*where, flux.one_of("_field", [field])]),
                name,
                flux.stepwise(function, steps.step, steps.offset),
            )
            for name, (function, field) in _streams(names, valid_only).items()
        )
        found: dict[Series, dict[str, Table]] = {}
        for table in tagged(self._server.ask(query)):
            found.setdefault(Series(table.station, table.property), {})[table.result] = table
        for series in _ordered(found):
            yield series, _partials(found[series], "count" if valid_only else "count_all", steps)

    def newest(self, select: Select, start: int) -> list[Points]:
        """The newest value since `start` of each series that has one."""
        fields = flux.one_of("_field", ("v", "q", "c"))
        rows = flux.source(self._bucket, start, flux.LATEST, [*flux.selected(select), fields])
        tables = list(tagged(self._server.ask(flux.stream(rows, "latest", "last()", field=True))))
        flags = {(table.station, table.property, table.field): table for table in tables if table.field != "v"}
        return [_of_table(table, flags) for table in tables if table.field == "v"]

    def newest_valid(self, series: Series) -> Points | None:
        """The newest valid value of one series."""
        where = [flux.of_series([(series.station, series.property)])]
        rows = flux.source(self._bucket, flux.EARLIEST, flux.LATEST, [*where, 'r._field == "vv"'])
        for table in tagged(self._server.ask(flux.stream(rows, "latest", "last()"))):
            department, kind, device = series.station.split("/", 2)
            time = int(table.time[0])
            for points in self.points(Select(department, kind, device, (series.property,)), time, time + 1):
                return points
        return None

    def newest_times(self) -> dict[tuple[str, str], int]:
        """The time of the newest value of every series."""
        rows = flux.source(self._bucket, flux.EARLIEST, flux.LATEST, ['r._field == "v"'])
        answer = self._server.ask(flux.stream(rows, "latest", "last()"))
        return {(table.station, table.property): int(table.time[-1]) for table in tagged(answer)}

    def stored(
        self, keys: Sequence[tuple[str, str]], start: int, end: int, field: str
    ) -> Iterator[tuple[Series, Ints]]:
        """The times in [start, end) at which these series have the field; a series may come in several pieces, in time order."""
        conditions = {"t": flux.one_of("_field", [field])}
        for i in range(0, len(keys), _SERIES_A_QUERY):
            counts = self._slicer.count([flux.of_series(keys[i : i + _SERIES_A_QUERY])], field, start, end)
            slices = (
                each
                for series, count in counts.items()
                for each in self._slicer.slices(series, start, end, count, conditions)
            )
            for each, tables in self._slicer.read(slices):
                if "t" in tables:
                    yield each.series, tables["t"].time


def _streams(names: Sequence[str], valid_only: bool) -> dict[str, tuple[str, str]]:
    """What the aggregates are made of, and which windows there are: each a function and the field it is taken of."""
    needed = dict.fromkeys(need for name in names for need in _NEEDS[name])
    needed["count" if valid_only else "count_all"] = None
    return {name: _STREAMS[name] for name in needed if not (valid_only and name == "count_all")}


def _ordered(series: Collection[Series]) -> list[Series]:
    return sorted(series, key=lambda each: (each.station, each.property))


def _of_table(table: Table, flags: dict[tuple[str, str, str], Table]) -> Points:
    key = table.station, table.property
    return _points(Series(*key), table, flags.get((*key, "q")), flags.get((*key, "c")))


def _of_slice(each: Slice, tables: Mapping[str, Table]) -> Points | None:
    return _points(each.series, tables["v"], tables.get("q"), tables.get("c")) if "v" in tables else None


def _points(series: Series, table: Table, quality: Table | None, checks: Table | None) -> Points:
    columns = [np.zeros(len(table.time), np.uint8) for _ in range(2)]
    for column, raised in zip(columns, (quality, checks), strict=True):
        if raised is not None:
            kept = raised.time <= table.time[-1]
            column[np.searchsorted(table.time, raised.time[kept])] = raised.value[kept]
    return Points(series, table.time, table.value, *columns)


def _unique(found: Iterable[Points]) -> list[Points]:
    """Each series once; one that a foreign writer made of two types comes as two tables, of which the first is taken."""
    return list({points.series: points for points in reversed(list(found))}.values())


def _partials(tables: dict[str, Table], leading: str, steps: Grain) -> Partials:
    # The first window of a range is labelled by the range's start, if that is later than its own.
    start = steps.start(tables[leading].time)
    columns = {name: _aligned(start, tables.get(name), empty, steps) for name, empty in _EMPTY.items()}
    return Partials(start, columns[leading], columns["count"], columns["sum"], columns["min"], columns["max"])


def _aligned(start: Ints, table: Table | None, empty: float, steps: Grain) -> Floats:
    column = np.full(len(start), empty)
    if table is not None:
        column[np.searchsorted(start, steps.start(table.time))] = table.value
    return column


def _only_valid(points: Points) -> Points:
    good = valid(points.quality, points.checks)
    return points if good.all() else taken(points, good)
