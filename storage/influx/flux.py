"""The Flux we ask: only what the server's storage answers by itself (equality, or-chains, `=~`; windows of whole UTC hours).

Never `location`, months, weeks, quantiles or `map`: they are wrong or slow there. Each stream has its own `from()`: one
variable read by several yields would be computed row by row.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from storage.series import Select, Series

EARLIEST: Final = -9_200_000_000_000
LATEST: Final = 9_200_000_000_000
"""What the server's nanoseconds can hold, in ms: the years 1678 to 2261."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant(milliseconds: int) -> str:
    """A time as Flux writes it."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def quoted(text: str) -> str:
    """A string literal."""
    return json.dumps(text, ensure_ascii=False).replace("${", "\\${")


def source(bucket: str, start: int, end: int, where: Iterable[str]) -> str:
    """Rows of [start, end) that fulfil every condition."""
    low, high = max(start, EARLIEST), min(end, LATEST)
    condition = " and ".join(f"({item})" for item in where)
    return (
        f"from(bucket: {quoted(bucket)}) |> range(start: {instant(low)}, stop: {instant(high)})"
        f" |> filter(fn: (r) => {condition})"
    )


def any_range(start: int, end: int) -> bool:
    """Whether the server could hold anything in [start, end)."""
    return max(start, EARLIEST) < min(end, LATEST)


def one_of(column: str, values: Iterable[str]) -> str:
    """The column has one of the values."""
    return " or ".join(f"r.{column} == {quoted(value)}" for value in values)


def selected(select: Select) -> list[str]:
    """The conditions a selection means."""
    where = []
    if select.kind is not None:
        where.append(one_of("_measurement", [select.kind]))
    if select.properties:
        where.append(one_of("metric", select.properties))
    if select.stations:
        where.append(one_of("station", select.stations))
    words = (select.department, select.kind, select.device)
    if None not in words:
        where.append(one_of("station", ["/".join(map(str, words))]))
    elif select.department is not None or select.device is not None:
        pattern = "/".join("[^/]+" if word is None else re.escape(word) for word in words)
        # In a regex literal the slash is the end, so it is escaped too.
        where.append(f"r.station =~ /^{pattern.replace('/', chr(92) + '/')}$/")
    return where


def of_series(keys: Iterable[tuple[str, str]]) -> str:
    """The row belongs to one of these (station, property)."""
    return " or ".join(f"(r.station == {quoted(at)} and r.metric == {quoted(of)})" for at, of in keys)


def of_one(series: Series) -> list[str]:
    """The conditions that mean one series."""
    return [f"r.station == {quoted(series.station)}", f"r.metric == {quoted(series.property)}"]


def stream(rows: str, name: str, *steps: str, field: bool = False, time: bool = True) -> str:
    """Rows with the columns we read, as the result `name`."""
    columns = [*(["_time"] if time else []), "_value", "metric", "station", *(["_field"] if field else [])]
    return _yielded(rows, name, steps, columns)


def untagged(rows: str, name: str) -> str:
    """Rows of one field of one series as the result `name`, without the columns that say whose they are."""
    return _yielded(rows, name, (), ("_time", "_value"))


def _yielded(rows: str, name: str, steps: Sequence[str], columns: Iterable[str]) -> str:
    kept = ", ".join(quoted(column) for column in columns)
    return " |> ".join((rows, *steps, f"keep(columns: [{kept}])", f"yield(name: {quoted(name)})"))


def stepwise(function: str, step: int, offset: int = 0) -> str:
    """One value for each step of `step` ms, counted from the epoch and `offset` ms, that has any."""
    every = f"every: {step}ms, offset: {offset}ms" if offset else f"every: {step}ms"
    return f'aggregateWindow({every}, fn: {function}, createEmpty: false, timeSrc: "_start")'
