"""Writing: columns to lines, lines to the server by the thousand, and what the server will not take by name.

The bus is the spool: a write either ends with every line stored or refused by name, or raises; then the caller keeps its offset and gives the same
again, which overwrites. So nothing is queued here and memory stays bounded.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from hub.batch import Ints
from hub.series_index import SeriesIndex
from storage.columns import Columns, Mask, bounds, sorted_unique, valid
from storage.influx.lines import LineBuilder
from storage.influx.read import InfluxReader
from storage.influx.server import BadLines, Dropped, Server
from storage.series import Rejected
from storage.windows import DAY, groups

LINES_A_POST: Final = 5000
_MOST_STRETCHES: Final = 16
_BOUND: Final = re.compile(r"Lower Bound at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z")


class InfluxWriter:
    """Writes to one bucket; one writer, as everywhere."""

    def __init__(self, server: Server, reader: InfluxReader, index: SeriesIndex) -> None:
        self._server = server
        self._reader = reader
        self._index = index
        self._builder = LineBuilder(index)
        self._reached: dict[tuple[str, str], int] | None = None

    def write(self, rows: Columns) -> list[Rejected]:
        """Store all rows; of the same series and time the last stands.

        Raises:
            StoreUnavailable: some may be stored; give the same again.
        """
        finite = np.isfinite(rows.value)
        rejected = self._rejected(rows.take(~finite), "not a finite number") if not finite.all() else []
        rows = sorted_unique(rows.take(finite) if rejected else rows)
        self._revoke(rows)
        for i in range(0, len(rows), LINES_A_POST):
            rejected += self._send(rows.take(slice(i, i + LINES_A_POST)))
        self._remember(rows)
        return rejected

    def _send(self, rows: Columns) -> list[Rejected]:
        if not len(rows):
            return []
        try:
            self._server.send(self._builder.block(rows))
        except BadLines as error:
            return self._without(rows, error)
        except Dropped as error:
            return self._dropped(rows, str(error))
        return []

    def _without(self, rows: Columns, error: BadLines) -> list[Rejected]:
        """Nothing was stored: take the bad lines out and send the rest."""
        reasons = [error.lines.get(line) for line in self._builder.lines(rows)]
        bad = np.array([reason is not None for reason in reasons])
        if bad.any():
            named = self._rejected(rows.take(bad), *(reason for reason in reasons if reason is not None))
            return named + self._send(rows.take(~bad))
        if len(rows) == 1:
            return self._rejected(rows, *error.lines.values())
        # The server named lines in a spelling of its own: halve until the bad one stands alone.
        half = len(rows) // 2
        return self._send(rows.take(slice(0, half))) + self._send(rows.take(slice(half, len(rows))))

    def _dropped(self, rows: Columns, message: str) -> list[Rejected]:
        """The rest is stored: find out which were dropped; they are never sent again."""
        bound = _BOUND.search(message)
        if bound is not None:
            horizon = int(np.datetime64(bound[1], "ms").astype(np.int64))
            return self._rejected(rows.take(rows.time < horizon), message)
        return self._rejected(rows.take(~self._stored(rows, "q")), message)

    def _stored(self, rows: Columns, field: str) -> Mask:
        """Which rows, sorted and unique, the server has with this field."""
        found = np.zeros(len(rows), bool)
        for near in _stretches(rows):
            for sid, times in self._times(near, field):
                low, high = np.searchsorted(rows.series, (sid, sid + 1)).tolist()
                found[low:high] |= np.isin(rows.time[low:high], times)
        return found

    def _times(self, near: Columns, field: str) -> Iterator[tuple[int, Ints]]:
        """All times from the first of the rows' to the last at which the server has this field, for the rows' series."""
        start, end = int(near.time.min()), int(near.time.max()) + 1
        for series, times in self._reader.stored(self._keys(near), start, end, field):
            yield self._index.sid(series.station, series.property), times

    def _revoke(self, rows: Columns) -> None:
        """A field cannot be taken back by overwriting: where an invalid value replaces a valid one, the point goes first."""
        invalid = rows.take(~valid(rows.quality, rows.checks))
        if not len(invalid):
            return
        if self._reached is None:
            self._reached = self._reader.newest_times()
        reached = np.array([self._reached.get(self._index.keys[sid], -(1 << 62)) for sid in invalid.series.tolist()])
        again = invalid.take(invalid.time <= reached)
        if not len(again):
            return
        revoked = again.take(self._stored(again, "vv"))
        for near in _stretches(revoked):
            for sid, first, last in self._runs(rows, near):
                station, name = self._index.keys[sid]
                self._server.delete(station, name, station.split("/")[1], first, last)

    def _runs(self, rows: Columns, revoked: Columns) -> Iterator[tuple[int, int, int]]:
        """Runs of a series, both ends included, that hold points of one stretch to revoke and none that these rows do not write again."""
        kept: dict[int, list[Ints]] = {}
        if len(np.unique(revoked.series)) < len(revoked):
            for sid, times in self._times(revoked, "q"):
                low, high = np.searchsorted(rows.series, (sid, sid + 1)).tolist()
                kept.setdefault(sid, []).append(times[~np.isin(times, rows.time[low:high])])
        for low, high in pairwise(bounds(revoked.series).tolist()):
            sid, times = int(revoked.series[low]), revoked.time[low:high]
            others = np.sort(np.concatenate(kept.get(sid, [np.empty(0, np.int64)])))
            cut = groups(np.searchsorted(others, times)).tolist()
            yield from ((sid, int(times[first]), int(times[last - 1])) for first, last in pairwise(cut))

    def _remember(self, rows: Columns) -> None:
        if self._reached is not None and len(rows):
            last = np.append(rows.series[1:] != rows.series[:-1], True)
            for sid, time in zip(rows.series[last].tolist(), rows.time[last].tolist(), strict=True):
                key = self._index.keys[sid]
                self._reached[key] = max(time, self._reached.get(key, time))

    def _keys(self, rows: Columns) -> list[tuple[str, str]]:
        return [self._index.keys[sid] for sid in np.unique(rows.series).tolist()]

    def _pairs(self, rows: Columns) -> list[tuple[tuple[str, str], int]]:
        return [
            (self._index.keys[sid], time) for sid, time in zip(rows.series.tolist(), rows.time.tolist(), strict=True)
        ]

    def _rejected(self, rows: Columns, *reasons: str) -> list[Rejected]:
        """All rows, each with its reason, or all with the one given."""
        return [
            Rejected(*key, time, value, reasons[min(i, len(reasons) - 1)])
            for i, ((key, time), value) in enumerate(zip(self._pairs(rows), rows.value.tolist(), strict=True))
        ]


def _stretches(rows: Columns) -> Iterator[Columns]:
    """Rows whose times lie near each other: cut where more than a day is between them, at the widest places."""
    if not len(rows):
        return
    ordered = np.unique(rows.time)
    step = np.diff(ordered)
    widest = np.argsort(step)[::-1][: _MOST_STRETCHES - 1]
    begins = np.sort(ordered[widest[step[widest] > DAY] + 1])
    stretch = np.searchsorted(begins, rows.time, side="right")
    for place in range(len(begins) + 1):
        yield rows.take(stretch == place)
