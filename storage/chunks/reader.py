"""Reading beside the writer: short read transactions on connections of its own, and the unsealed tail kept in memory."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

import numpy as np

from hub.batch import Ints
from hub.series_index import SeriesIndex
from storage.aggregate import aggregate, parse
from storage.chunks import newest, rollup, sealed
from storage.chunks.codec import NOTHING, Values
from storage.chunks.schema import FILE, get_state, open_reader, unavailable
from storage.chunks.sieve import Sieved, sieve
from storage.chunks.tail import Tail
from storage.columns import valid
from storage.limit import Limit
from storage.paging import page, taken
from storage.partials import fold, grain
from storage.select import Selector, check_range
from storage.series import Every, Page, Points, Select, Windows
from storage.windows import HOUR, check_every
from storage.zones import zone_of

_Found = TypeVar("_Found", bound=Sized)
_EVER: Final = 1 << 62
_SERIES_A_TRANSACTION: Final = 64
_VALUES_A_TRANSACTION: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of the store: a connection in a read transaction, the tail as of then, and the first time that is kept."""

    connection: sqlite3.Connection
    tail: Tail
    horizon: int

    def read(self, sid: int, start: int, end: int) -> Values | None:
        """The values of one series in [start, end), None when there are none."""
        start = max(start, self.horizon)
        return _cut([*sealed.read_chunks(self.connection, sid, start, end), *self._over(sid, start, end)], start, end)

    def first(self, sid: int, start: int) -> int:
        """A time before which one series has no value from `start` on; far ahead when it has none at all."""
        start = max(start, self.horizon)
        tail = (int(rows.time[0]) for rows in self.tail.of(sid, start, _EVER))
        return min((sealed.first_time(self.connection, sid, start, _EVER), *tail))

    def _over(self, sid: int, start: int, end: int) -> list[Values]:
        """What lies over the chunks of a series: patches and the unsealed tail, later written values later."""
        parts = sealed.read_patches(self.connection, sid, start, end)
        return parts + [sealed.values_of(rows) for rows in self.tail.of(sid, start, end)]

    def hours_or_values(self, sid: int, start: int, end: int) -> rollup.Hours | Values | None:
        """The UTC hours of one series in [start, end) by what is kept of full chunks; its values when none of that can be used."""
        start = max(start, self.horizon)
        kept = rollup.read(self.connection, sid, start, end)
        if not kept:
            return self.read(sid, start, end)
        over = self._over(sid, start, end)
        time = _times(over)
        # A chunk that a later value falls into must be read.
        first, last = (np.array([row[i] for row in kept]) for i in (0, 1))
        clear = (np.searchsorted(time, first) == np.searchsorted(time, last, side="right")).tolist()
        used = [row for row, whole in zip(kept, clear, strict=True) if whole]
        if not used:
            return self.read(sid, start, end)
        rest = sealed.read_other_chunks(self.connection, sid, start, end, {row[0] for row in used})
        values = _cut([*rest, *over], start, end)
        parts = [rollup.decode([row[2] for row in used])]
        return rollup.joined(parts if values is None else [*parts, rollup.hours(values)])

    def beyond(self, sid: int, start: int, end: int, limit: Limit) -> Sieved | None:
        """The values of one series in [start, end) but for chunks that keep the limit, None when there are none at all."""
        start = max(start, self.horizon)
        over = self._over(sid, start, end)
        known, count = sieve(self.connection, sid, start, end, limit, _times(over))
        rest = sealed.read_other_chunks(self.connection, sid, start, end, known)
        values = _cut([*rest, *over], start, end)
        return Sieved(values, count) if count or values is not None else None


def _times(over: list[Values]) -> Ints:
    return np.sort(np.concatenate([np.empty(0, np.int64), *(part.time for part in over)]))


def _cut(parts: list[Values], start: int, end: int) -> Values | None:
    """Parts as one, later ones over earlier ones, and of that what lies in [start, end)."""
    if not parts:
        return None
    values = sealed.overlaid(parts)
    low, high = np.searchsorted(values.time, (start, end)).tolist()
    return sealed.piece(values, low, high) if low < high else None


class Reader:
    """Answers questions; any number of threads and processes read at once, and none waits for the writer."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._mutex = threading.Lock()
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._index = SeriesIndex()
        self._selector = Selector(self._index)
        self._tail = Tail()

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[Snapshot | None]:
        """A moment of the store; None as long as nobody has made its file."""
        connection = self._connection()
        if connection is None:
            yield None
            return
        try:
            yield self._begin(connection)
        except sqlite3.Error as error:
            raise unavailable(error, self._path) from error
        finally:
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("COMMIT")
            self._idle.put(connection)

    def _connection(self) -> sqlite3.Connection | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return open_reader(self._path) if self._path.exists() else None

    def _begin(self, connection: sqlite3.Connection) -> Snapshot:
        # One thread at a time takes its snapshot, so none ever sees an older one than the tail kept here.
        with self._mutex:
            connection.execute("BEGIN")
            self._tail = self._tail.follow(connection)
            known = len(self._index)
            for station, name in connection.execute(
                "SELECT station, property FROM series WHERE sid >= ? ORDER BY sid", (known,)
            ):
                self._index.sid(station, name)
            return Snapshot(connection, self._tail, get_state(connection, "horizon", -_EVER))

    def _sids(self, select: Select) -> list[int]:
        with self._mutex:
            return self._selector.sids(select)

    def _read(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """The selected series that have values in [start, end)."""
        for sid, values in self._each(select, lambda snapshot, sid: snapshot.read(sid, start, end)):
            yield self._points(sid, values)

    def _points(self, sid: int, values: Values) -> Points:
        return Points(self._selector.series(sid), values.time, values.value, values.quality, values.checks)

    def _each(self, select: Select, ask: Callable[[Snapshot, int], _Found | None]) -> Iterator[tuple[int, _Found]]:
        """What is found of each selected series; a transaction is held for some series at a time."""
        with self._snapshot() as snapshot:
            sids = [] if snapshot is None else self._sids(select)
        while sids:
            with self._snapshot() as snapshot:
                if snapshot is None:
                    return
                found, sids = _some(snapshot, sids, ask)
            yield from found

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each series whole."""
        check_range(start, end)
        read = self._read if select.beyond is None or not select.valid_only else self._read_beyond
        for points in read(select, start, end):
            wanted = _only_valid(points) if select.valid_only else points
            if len(wanted.time) or wanted.left_out:
                yield wanted

    def _read_beyond(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """The selected series that have values in [start, end), without most of those that keep the limit."""
        limit = select.beyond or Limit()
        for sid, found in self._each(select, lambda snapshot, sid: snapshot.beyond(sid, start, end, limit)):
            yield replace(self._points(sid, NOTHING if found.values is None else found.values), left_out=found.left_out)

    def raw(self, select: Select, start: int, end: int, limit: int, cursor: str | None = None) -> Page:
        """Values in [start, end), oldest first."""
        with self._snapshot() as snapshot:
            series = 0 if snapshot is None else len(self._sids(select))

        def read(low: int, high: int) -> list[Points]:
            return list(self._read(select, low, high))

        return page(read, series, select, start, end, limit, cursor, lambda low, high: self._first(select, low, high))

    def _first(self, select: Select, start: int, end: int) -> int:
        """A time in [start, end] before which none of the selected series has a value from `start` on."""
        with self._snapshot() as snapshot:
            sids = [] if snapshot is None else self._sids(select)
            return min((end, *(snapshot.first(sid, start) for sid in sids))) if snapshot is not None else end

    def windows(
        self, select: Select, start: int, end: int, every: Every, aggregates: Sequence[str], zone: str
    ) -> list[Windows]:
        """Aggregates of the raw values."""
        check_range(start, end)
        check_every(every)
        zone_of(zone)
        names = parse(aggregates)
        steps = grain(names, every, zone, start, end)
        by_hour = steps is not None and steps.offset % HOUR == 0
        ask: Callable[[Snapshot, int, int, int], rollup.Hours | Values | None]
        ask = Snapshot.hours_or_values if by_hour else Snapshot.read

        parts: Iterator[tuple[int, rollup.Hours | Values]]
        parts = self._each(select, lambda snapshot, sid: ask(snapshot, sid, start, end))
        answer = []
        for sid, found in parts:
            windows = self._windows(sid, found, select.valid_only, every, names, zone)
            if len(windows.start):
                answer.append(windows)
        return answer

    def _windows(
        self, sid: int, found: rollup.Hours | Values, valid_only: bool, every: Every, names: Sequence[str], zone: str
    ) -> Windows:
        if isinstance(found, rollup.Hours):
            return fold(self._selector.series(sid), found.valid_only() if valid_only else found, every, names, zone)
        points = self._points(sid, found)
        return aggregate(_only_valid(points) if valid_only else points, every, names, zone)

    def latest(self, select: Select) -> list[Points]:
        """The newest value of each series."""
        with self._snapshot() as snapshot:
            if snapshot is None:
                return []
            chosen = np.array(self._sids(select), np.int64)
            held = newest.load_all(snapshot.connection, len(self._index))
            for run in snapshot.tail.runs:
                held.lay(run.digest)
            table = held.valid if select.valid_only else held.all
            for sid in chosen[table["quality"][chosen] == newest.LOST].tolist():
                newest.put(table, sid, self._last_valid(snapshot, sid))
            return self._newest_points(table, chosen, snapshot.horizon)

    def _newest_points(self, table: newest.Table, chosen: Ints, horizon: int) -> list[Points]:
        time = table["time"][chosen]
        chosen = chosen[(time > newest.NEVER) & (time >= horizon)]
        # A column of rows of one value each: numpy cuts it at once, where Python would slice a thousand times.
        columns = (list(table[name][chosen][:, np.newaxis]) for name in ("time", "value", "quality", "checks"))
        series = self._selector.all()
        return list(map(Points, (series[sid] for sid in chosen.tolist()), *columns))

    def _last_valid(self, snapshot: Snapshot, sid: int) -> Values | None:
        """Looks it up among all values: the newest valid one was revoked by a later correction, which is rare."""
        values = snapshot.read(sid, -_EVER, _EVER)
        good = [] if values is None else np.flatnonzero(valid(values.quality, values.checks)).tolist()
        return sealed.piece(values, good[-1], good[-1] + 1) if values is not None and good else None

    def close(self) -> None:
        """Close all connections."""
        with contextlib.suppress(Empty):
            while True:
                self._idle.get_nowait().close()


def _some(
    snapshot: Snapshot, sids: list[int], ask: Callable[[Snapshot, int], _Found | None]
) -> tuple[list[tuple[int, _Found]], list[int]]:
    """What is found of the first series, so many that it is held at ease, and the series that are left."""
    found, held, done = [], 0, 0
    while done < min(len(sids), _SERIES_A_TRANSACTION) and held < _VALUES_A_TRANSACTION:
        answer = ask(snapshot, sids[done])
        if answer is not None:
            found.append((sids[done], answer))
            held += len(answer)
        done += 1
    return found, sids[done:]


def _only_valid(points: Points) -> Points:
    good = valid(points.quality, points.checks)
    return points if good.all() else taken(points, good)
