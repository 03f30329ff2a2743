"""Reading: raw columns and whole UTC hours from the server, everything else made of them in the hub."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from hub.batch import Floats, Ints
from storage.aggregate import aggregate
from storage.columns import valid
from storage.influx import flux
from storage.influx.server import Server
from storage.influx.table import Table, parse
from storage.paging import page, taken
from storage.partials import Partials, fold, foldable
from storage.series import Every, Page, Points, Select, Series, Windows
from storage.windows import HOUR

_SERIES_A_QUERY: Final = 50
_MANY: Final = 50
_HOURLY: Final = {"sum": ("sum", "vv"), "count": ("count", "vv"), "min": ("min", "vv"), "max": ("max", "vv")}
_NEEDS: Final = {
    "mean": ("sum", "count"),
    "sum": ("sum", "count"),
    "min": ("min", "count"),
    "max": ("max", "count"),
    "count": ("count",),
    "count_all": (),
}
_EMPTY: Final = {"count_all": 0.0, "count": 0.0, "sum": 0.0, "min": np.inf, "max": -np.inf}


class InfluxReader:
    """Reads one bucket; safe in any thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._bucket = server.place.bucket

    def points(self, select: Select, start: int, end: int, most: int | None = None) -> list[Points]:
        """The values of the selected series in [start, end), of each series at most the first `most`."""
        if not flux.any_range(start, end):
            return []
        where, cut = flux.selected(select), [] if most is None else [f"limit(n: {most})"]
        values = flux.source(self._bucket, start, end, [*where, 'r._field == "v"'])
        # Nearly all flags are 0, so only the others travel.
        flags = flux.source(self._bucket, start, end, [*where, 'r._field == "q" or r._field == "c"', "r._value != 0"])
        query = flux.stream(values, "v", *cut) + "\n" + flux.stream(flags, "f", *cut, field=True)
        tables = list(parse(self._server.ask(query)))
        raised = {(table.station, table.property, table.field): table for table in tables if table.result == "f"}
        found = [_points(table, raised) for table in tables if table.result == "v"]
        return sorted(_unique(found), key=lambda points: (points.series.station, points.series.property))

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each selected series with all its values in [start, end)."""
        points = (_only_valid(item) if select.valid_only else item for item in self.points(select, start, end))
        return (item for item in points if len(item.time))

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
        if foldable(names, every, zone, start, end):
            hours = self._hours(select, start, end, names)
            return [fold(series, parts, every, names, zone) for series, parts in hours]
        return [aggregate(item, every, names, zone) for item in self.scan(select, start, end)]

    def _hours(self, select: Select, start: int, end: int, names: Sequence[str]) -> Iterator[tuple[Series, Partials]]:
        needed = dict.fromkeys(need for name in names for need in _NEEDS[name])
        if select.valid_only:
            needed["count"] = None
        streams = {name: _HOURLY[name] for name in needed}
        if not select.valid_only:
            streams["count_all"] = ("count", "v")
        where = flux.selected(select)
        query = "\n".join(
            flux.stream(
                flux.source(self._bucket, start, end, [*where, flux.one_of("_field", [field])]),
                name,
                flux.hourly(function),
            )
            for name, (function, field) in streams.items()
        )
        found: dict[Series, dict[str, Table]] = {}
        for table in parse(self._server.ask(query)):
            found.setdefault(Series(table.station, table.property), {})[table.result] = table
        for series in sorted(found, key=lambda series: (series.station, series.property)):
            yield series, _partials(found[series], "count" if select.valid_only else "count_all")

    def newest(self, select: Select, start: int) -> list[Points]:
        """The newest value since `start` of each series that has one."""
        fields = flux.one_of("_field", ("v", "q", "c"))
        rows = flux.source(self._bucket, start, flux.LATEST, [*flux.selected(select), fields])
        tables = list(parse(self._server.ask(flux.stream(rows, "latest", "last()", field=True))))
        flags = {(table.station, table.property, table.field): table for table in tables if table.field != "v"}
        return [_points(table, flags) for table in tables if table.field == "v"]

    def newest_valid(self, series: Series) -> Points | None:
        """The newest valid value of one series."""
        where = [flux.of_series([(series.station, series.property)])]
        rows = flux.source(self._bucket, flux.EARLIEST, flux.LATEST, [*where, 'r._field == "vv"'])
        for table in parse(self._server.ask(flux.stream(rows, "latest", "last()"))):
            department, kind, device = series.station.split("/", 2)
            time = int(table.time[0])
            for points in self.points(Select(department, kind, device, (series.property,)), time, time + 1):
                return points
        return None

    def newest_times(self) -> dict[tuple[str, str], int]:
        """The time of the newest value of every series."""
        rows = flux.source(self._bucket, flux.EARLIEST, flux.LATEST, ['r._field == "v"'])
        answer = self._server.ask(flux.stream(rows, "latest", "last()"))
        return {(table.station, table.property): int(table.time[-1]) for table in parse(answer)}

    def stored(
        self, keys: Sequence[tuple[str, str]], start: int, end: int, field: str
    ) -> set[tuple[tuple[str, str], int]]:
        """Which (series, time) in [start, end) have this field."""
        found = set()
        for i in range(0, len(keys), _SERIES_A_QUERY):
            where = [flux.of_series(keys[i : i + _SERIES_A_QUERY]), flux.one_of("_field", [field])]
            rows = flux.source(self._bucket, start, end, where)
            for table in parse(self._server.ask(flux.stream(rows, "stored"))):
                found |= {((table.station, table.property), time) for time in table.time.tolist()}
        return found


def _points(table: Table, flags: dict[tuple[str, str, str], Table]) -> Points:
    series = Series(table.station, table.property)
    quality, checks = (np.zeros(len(table.time), np.uint8) for _ in range(2))
    for column, field in ((quality, "q"), (checks, "c")):
        raised = flags.get((table.station, table.property, field))
        if raised is not None:
            kept = raised.time <= table.time[-1]
            column[np.searchsorted(table.time, raised.time[kept])] = raised.value[kept]
    return Points(series, table.time, table.value, quality, checks)


def _unique(found: Iterable[Points]) -> list[Points]:
    """Each series once; one that a foreign writer made of two types comes as two tables, of which the first is taken."""
    return list({points.series: points for points in reversed(list(found))}.values())


def _partials(tables: dict[str, Table], leading: str) -> Partials:
    lead = tables[leading]
    start = _hour(lead.time)
    columns = {name: _aligned(start, tables.get(name), empty) for name, empty in _EMPTY.items()}
    return Partials(start, columns["count_all"], columns["count"], columns["sum"], columns["min"], columns["max"])


def _aligned(start: Ints, table: Table | None, empty: float) -> Floats:
    column = np.full(len(start), empty)
    if table is not None:
        column[np.searchsorted(start, _hour(table.time))] = table.value
    return column


def _hour(time: Ints) -> Ints:
    """The first window of a range is labelled by the range's start, if that is later than the hour's."""
    return time - time % HOUR


def _only_valid(points: Points) -> Points:
    good = valid(points.quality, points.checks)
    return points if good.all() else taken(points, good)
