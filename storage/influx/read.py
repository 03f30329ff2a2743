"""Reading raw values: by pages, whole series in slices, the newest of each."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from hub.batch import Ints
from storage.columns import valid
from storage.influx import flux
from storage.influx.server import Server
from storage.influx.slices import ROWS, Slice, Slicer
from storage.influx.table import Table, tagged
from storage.paging import joined, page, taken
from storage.select import check_points
from storage.series import Page, Points, Select, Series

_SERIES_A_QUERY: Final = 50
_MANY: Final = 50
_VALID: Final = {"v": 'r._field == "vv"'}
_FLAGGED: Final = {
    "v": 'r._field == "v"',
    "q": 'r._field == "q" and r._value != 0',
    "c": 'r._field == "c" and r._value != 0',
}
"""Nearly all flags are 0, so only the others travel."""


class InfluxReader:
    """Reads one bucket, about `most` rows at a time; safe in any thread."""

    def __init__(self, server: Server, most: int = ROWS) -> None:
        self._server = server
        self._bucket = server.place.bucket
        self._most = most
        self.slicer = Slicer(server, most)

    def points(
        self, select: Select, start: int, end: int, most: int | None = None, *, valid_only: bool = False
    ) -> list[Points]:
        """The values of the selected series in [start, end), of each at most the first `most`; or only valid ones, without flags."""
        if not flux.any_range(start, end):
            return []
        where, cut = flux.selected(select), [] if most is None else [f"limit(n: {most})"]
        values = _VALID["v"] if valid_only else _FLAGGED["v"]
        query = flux.stream(flux.source(self._bucket, start, end, [*where, values]), "v", *cut)
        if not valid_only:
            flags = ['r._field == "q" or r._field == "c"', "r._value != 0"]
            rows = flux.source(self._bucket, start, end, [*where, *flags])
            query += "\n" + flux.stream(rows, "f", *cut, field=True)
        tables = list(tagged(self._server.ask(query)))
        raised = {(table.station, table.property, table.field): table for table in tables if table.result == "f"}
        found = [_of_table(table, raised) for table in tables if table.result == "v"]
        return sorted(_unique(found), key=lambda points: (points.series.station, points.series.property))

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each selected series with all its values in [start, end).

        Raises:
            BadQuery: a series has more values than can be held.
        """
        for points in self._whole(select, start, end, valid_only=False):
            wanted = _only_valid(points) if select.valid_only else points
            if len(wanted.time):
                yield wanted

    def valid(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each selected series with its valid values in [start, end), their flags left out.

        Raises:
            BadQuery: a series has more values than can be held.
        """
        return self._whole(select, start, end, valid_only=True)

    def _whole(self, select: Select, start: int, end: int, *, valid_only: bool) -> Iterator[Points]:
        if not flux.any_range(start, end):
            return
        conditions = _VALID if valid_only else _FLAGGED
        counts = self.slicer.count([*flux.selected(select), conditions["v"]], start, end)
        check_points(max(counts.values(), default=0))
        if sum(counts.values()) <= self._most:
            yield from self.points(select, start, end, valid_only=valid_only)
            return
        slices = (
            each
            for series in ordered(counts)
            for each in self.slicer.slices(series, start, end, counts[series], conditions)
        )
        read = ((each.series, _of_slice(each, tables)) for each, tables in self.slicer.read(slices))
        for _, group in groupby(read, key=lambda item: item[0]):
            yield from joined([points for _, points in group if points is not None])

    def page(self, select: Select, start: int, end: int, limit: int, cursor: str | None) -> Page:
        """The next values, oldest first."""
        # One more shows that there is a next page, one more is the cursor's own; flags may leave any number out.
        most = None if select.valid_only else limit + 2
        series = len(select.properties) if select.device is not None and select.properties else _MANY
        return page(lambda low, high: self.points(select, low, high, most), series, select, start, end, limit, cursor)

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

    def keys(self, select: Select, start: int, end: int) -> list[tuple[str, str]]:
        """The (station, property) of each selected series that has a value in [start, end), in order."""
        rows = flux.source(self._bucket, start, end, [*flux.selected(select), 'r._field == "v"'])
        answer = self._server.ask(flux.stream(rows, "keys", "last()", time=False))
        return sorted({(table.station, table.property) for table in tagged(answer)})

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
            group = [flux.of_series(keys[i : i + _SERIES_A_QUERY]), conditions["t"]]
            counts = self.slicer.count(group, start, end)
            slices = (
                each
                for series, count in counts.items()
                for each in self.slicer.slices(series, start, end, count, conditions)
            )
            for each, tables in self.slicer.read(slices):
                if "t" in tables:
                    yield each.series, tables["t"].time


def ordered(series: Collection[Series]) -> list[Series]:
    """Series as every answer has them: by station, then property."""
    return sorted(series, key=lambda each: (each.station, each.property))


def _of_table(table: Table, flags: dict[tuple[str, str, str], Table]) -> Points:
    key = table.station, table.property
    return _points(Series(*key), table, flags.get((*key, "q")), flags.get((*key, "c")))


def _of_slice(each: Slice, tables: Mapping[str, Table]) -> Points | None:
    return _points(each.series, tables["v"], tables.get("q"), tables.get("c")) if "v" in tables else None


def _points(series: Series, table: Table, quality: Table | None, checks: Table | None) -> Points:
    letters, found = (np.zeros(len(table.time), np.uint8) for _ in range(2))
    for column, raised in zip((letters, found), (quality, checks), strict=True):
        if raised is not None:
            kept = raised.time <= table.time[-1]
            column[np.searchsorted(table.time, raised.time[kept])] = raised.value[kept]
    return Points(series, table.time, table.value, letters, found)


def _unique(found: Iterable[Points]) -> list[Points]:
    """Each series once; one that a foreign writer made of two types comes as two tables, of which the first is taken."""
    return list({points.series: points for points in reversed(list(found))}.values())


def _only_valid(points: Points) -> Points:
    good = valid(points.quality, points.checks)
    return points if good.all() else taken(points, good)
