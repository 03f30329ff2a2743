"""Values of many streams in order of time, then id, from either end, a block at a time.

The store reads forward and cuts pages where they are full; a block here ends between two times, so that values of one
time are never torn apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from api.asking import DAY, FAR
from api.sta.begins import SLICES
from api.sta.budget import Budget
from api.sta.entities import Stream, select_of
from api.sta.world import World
from storage.columns import Columns, concatenate
from storage.series import Points, Select, SeriesStore

Key: TypeAlias = tuple[int, int]
"""Time (epoch ms) and the number of the stream."""

_SELECTS: Final = 64
_BLOCK: Final = 20_000
_EACH: Final = 200
"""Values of a block at most, and of each stream where that is more."""

_LEAST: Final = 128
_PERIOD: Final = 60_000
_SHORT: Final = 1000
"""A span that is not made shorter, ms."""


class Readings:
    """Reads streams, which must be in order of their ids; `Columns.series` is the number of the stream in that order."""

    def __init__(self, world: World, streams: Sequence[Stream], *, valid_only: bool = False, wanted: int = 100) -> None:
        self._store: SeriesStore = world.parts.series
        self._budget: Budget = world.budget
        self._begins = world.begins
        self._numbers = {(one.device.station, one.name): number for number, one in enumerate(streams)}
        self._selects = _selects(streams, valid_only=valid_only)
        self._size = max(_LEAST, wanted + 1)
        self._block = max(_BLOCK, _EACH * len(streams))
        self._newest = max((time for one in streams if (time := world.newest(one)) is not None), default=0)
        # What came within the second since these were looked up is behind them, but no day behind the clock.
        self._horizon = max(self._newest, world.parts.clock.now()) + DAY
        periods = (world.parts.register.period(one.device.station, one.name) or _PERIOD for one in streams[:1000])
        self._span = max(_PERIOD, self._size * min(periods, default=_PERIOD) * 2 // max(1, len(streams)))

    def forward(self, start: int, end: int, after: Key | None = None) -> Iterator[Columns]:
        """Values in [start, end) behind `after`, oldest first."""
        low, end = start if after is None else max(start, after[0]), min(end, self._horizon)
        for border in (*self._borders(low), end):
            high = min(border, end)
            while low < high:
                rows, low = self._piece(low, high)
                yield from self._ordered(rows, after, descending=False)

    def _borders(self, low: int) -> list[int]:
        """Where reading from `low` on pauses; behind the newest there is next to nothing, so the last slice takes it all."""
        first = low
        if low == -FAR:
            # What is remembered may be some minutes old, so what lies before it is read too: once, and mostly nothing.
            first = min((self._begin(select) for select in self._selects), default=low)
        return [first, *(one for one in SLICES if first < one <= self._newest)]

    def _begin(self, select: Select) -> int:
        whole = replace(select, valid_only=False)
        known = self._begins.known(whole)
        if known is None:
            self._budget.read()
        return self._begins.of(whole, self._newest) if known is None else known

    def backward(self, start: int, end: int, before: Key | None = None) -> Iterator[Columns]:
        """Values in [start, end) before `before`, newest first."""
        high, span = min(end, self._horizon if before is None else before[0] + 1), self._span
        while high > start:
            low = max(start, min(high - 1, min(high, self._newest + 1) - span))
            rows = self._between(low, high, 5 * self._block if span > _SHORT else None)
            if rows is None:
                span //= 16
                continue
            yield from self._ordered(rows, before, descending=True)
            if len(rows) < self._block:
                span *= 4
            high = low

    def _ordered(self, rows: Columns, edge: Key | None, *, descending: bool) -> Iterator[Columns]:
        order = np.lexsort((rows.series, rows.time))
        rows = rows.take(order[::-1] if descending else order)
        if edge is not None:
            time, number = edge
            if descending:
                keep = (rows.time < time) | ((rows.time == time) & (rows.series < number))
            else:
                keep = (rows.time > time) | ((rows.time == time) & (rows.series > number))
            rows = rows.take(keep)
        if len(rows):
            yield rows

    def _piece(self, low: int, high: int) -> tuple[Columns, int]:
        """Some values from `low` on, and the time before which they are all that there are."""
        parts, reached = [], high
        for select in self._selects:
            rows, until = self._page(select, low, reached)
            parts.append(rows)
            reached = min(reached, until)
        self._size = min(self._block, self._size * 2)
        rows = concatenate(parts)
        return rows.take(rows.time < reached), reached

    def _page(self, select: Select, low: int, high: int) -> tuple[Columns, int]:
        size = self._size
        while True:
            self._budget.read()
            page = self._store.raw(select, low, high, size)
            rows = self._columns(page.points)
            if page.next is None:
                return rows, high
            last = max(int(points.time[-1]) for points in page.points)
            if last > low:
                return rows, last
            size *= 8

    def _between(self, low: int, high: int, most: int | None) -> Columns | None:
        """All values in [low, high), None where there are more than `most`."""
        parts, held = [], 0
        for select in self._selects:
            cursor = None
            while True:
                self._budget.read()
                page = self._store.raw(select, low, high, self._block, cursor)
                parts.append(self._columns(page.points))
                held += len(parts[-1])
                cursor = page.next
                if cursor is None:
                    break
                if most is not None and held > most:
                    return None
        return concatenate(parts)

    def _columns(self, found: Sequence[Points]) -> Columns:
        parts = []
        for points in found:
            number = self._numbers.get((points.series.station, points.series.property))
            self._budget.spend(len(points.time) // 8)
            if number is not None:
                series = np.full(len(points.time), number, np.int64)
                parts.append(Columns(series, points.time, points.value, points.quality, points.checks))
        return concatenate(parts)


def _selects(streams: Sequence[Stream], *, valid_only: bool) -> list[Select]:
    """One selection for each device, or, for very many, one that covers all."""
    devices: dict[str, list[Stream]] = {}
    for stream in streams:
        devices.setdefault(stream.device.station, []).append(stream)
    if len(devices) <= _SELECTS:
        return [
            select_of(group[0].device, tuple(one.name for one in group), valid_only=valid_only)
            for group in devices.values()
        ]
    words = [set(column) for column in zip(*(station.split("/", 2) for station in devices), strict=True)]
    department, kind = (next(iter(one)) if len(one) == 1 else None for one in words[:2])
    names = sorted({stream.name for stream in streams})
    return [Select(department, kind, None, tuple(names), valid_only)]
