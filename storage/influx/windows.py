"""Windows: of whole hours or days that the server aggregates, where those give the same numbers and are fewer rows; else of valid values.

No answer of the server is larger than some megabytes, however much is asked: values come in slices, hours and days by groups of series.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from hub.batch import Floats, Ints
from storage.aggregate import aggregate
from storage.influx import flux
from storage.influx.read import InfluxReader, ordered
from storage.influx.server import Server
from storage.influx.slices import ROWS
from storage.influx.table import Table, tagged
from storage.partials import Grain, Partials, fold, grain
from storage.series import Every, Select, Series, Windows
from storage.windows import DAY

_SERIES_A_QUERY: Final = 50
_FEW_STEPS: Final = 50
_STREAMS: Final = {
    "sum": ("sum", "vv"),
    "count": ("count", "vv"),
    "min": ("min", "vv"),
    "max": ("max", "vv"),
    "count_all": ("count", "v"),
}
"""What the server aggregates: a function and the field it is taken of."""

_NEEDS: Final = {
    "mean": ("sum", "count"),
    "sum": ("sum", "count"),
    "min": ("min", "count"),
    "max": ("max", "count"),
    "count": ("count",),
    "count_all": ("count_all",),
}
_EMPTY: Final = {"count_all": 0.0, "count": 0.0, "sum": 0.0, "min": np.inf, "max": -np.inf}


class InfluxWindows:
    """Answers `windows`, about `most` rows at a time; safe in any thread."""

    def __init__(self, server: Server, reader: InfluxReader, most: int = ROWS) -> None:
        self._server = server
        self._bucket = server.place.bucket
        self._reader = reader
        self._most = most

    def __call__(
        self, select: Select, start: int, end: int, every: Every, names: Sequence[str], zone: str
    ) -> list[Windows]:
        """The windows of each series that has any."""
        if not flux.any_range(start, end):
            return []
        steps = grain(names, every, zone, start, end)
        if steps is not None and not self._raw_is_less(select, start, end, names, steps):
            return self._folded(select, start, end, every, names, zone, steps)
        if select.valid_only:
            return [aggregate(points, every, names, zone) for points in self._reader.valid(select, start, end)]
        there = ("count_all",)
        steps = grain(there, every, zone, start, end)
        if steps is None:
            return [aggregate(points, every, names, zone) for points in self._reader.scan(select, start, end)]
        found = {
            points.series: aggregate(points, every, names, zone) for points in self._reader.valid(select, start, end)
        }
        every_window = self._folded(select, start, end, every, there, zone, steps)
        return [_spread(windows, found.get(windows.series), names) for windows in every_window]

    def _folded(
        self, select: Select, start: int, end: int, every: Every, names: Sequence[str], zone: str, steps: Grain
    ) -> list[Windows]:
        return [
            fold(series, parts, every, names, zone)
            for where in self._groups(select, start, end, (end - start) // steps.step + 2)
            for series, parts in self._partials(where, select.valid_only, (start, end), names, steps)
        ]

    def _raw_is_less(self, select: Select, start: int, end: int, names: Sequence[str], steps: Grain) -> bool:
        """Whether the values themselves are fewer rows than their hours, as with four values an hour and four aggregates."""
        count = (end - start) // steps.step
        if steps.step == DAY or count <= _FEW_STEPS:
            return False
        values = self._reader.slicer.count([*flux.selected(select), 'r._field == "v"'], start, end)
        return sum(values.values()) <= count * len(values) * len(_streams(names, select.valid_only))

    def _groups(self, select: Select, start: int, end: int, steps: int) -> Iterator[list[str]]:
        """Conditions that select the series, so many at a time that their steps make answers of a bounded size."""
        if select.device is not None or steps <= _FEW_STEPS:
            yield flux.selected(select)
            return
        keys = self._reader.keys(select, start, end)
        size = max(1, self._most // steps)
        if len(keys) <= size:
            yield flux.selected(select)
            return
        size = min(size, _SERIES_A_QUERY)
        for i in range(0, len(keys), size):
            yield [flux.of_series(keys[i : i + size])]

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
        for series in ordered(found):
            yield series, _of_tables(found[series], "count" if valid_only else "count_all", steps)


def _streams(names: Sequence[str], valid_only: bool) -> dict[str, tuple[str, str]]:
    """What the aggregates are made of, and what says which windows there are."""
    needed = dict.fromkeys(need for name in names for need in _NEEDS[name])
    needed["count" if valid_only else "count_all"] = None
    return {name: _STREAMS[name] for name in needed if not (valid_only and name == "count_all")}


def _of_tables(tables: dict[str, Table], leading: str, steps: Grain) -> Partials:
    # The first window of a range is labelled by the range's start, if that is later than its own.
    start = steps.start(tables[leading].time)
    columns = {name: _aligned(start, tables.get(name), empty, steps) for name, empty in _EMPTY.items()}
    return Partials(start, columns[leading], columns["count"], columns["sum"], columns["min"], columns["max"])


def _aligned(start: Ints, table: Table | None, empty: float, steps: Grain) -> Floats:
    column = np.full(len(start), empty)
    if table is not None:
        column[np.searchsorted(start, steps.start(table.time))] = table.value
    return column


def _spread(windows: Windows, found: Windows | None, names: Sequence[str]) -> Windows:
    """What was found of the valid values, over all windows that have any value; those of invalid ones only are empty."""
    columns = {name: np.full(len(windows.start), 0.0 if name == "count" else np.nan) for name in names}
    if found is not None:
        at = np.searchsorted(windows.start, found.start)
        for name in names:
            columns[name][at] = found.columns[name]
    if "count_all" in names:
        columns["count_all"] = windows.columns["count_all"]
    return Windows(windows.series, windows.start, columns)
