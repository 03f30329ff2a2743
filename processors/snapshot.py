"""The state of a partition as bytes: only what is not as at the start, and only once for all series of a device that stand alike."""

from itertools import groupby
from typing import Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hub.batch import Ints
from hub.catalogue import Catalogue
from hub.errors import CorruptRecord
from processors.columns import NEVER, Readings, SeriesTable
from processors.findings import Finding, Findings
from processors.lane import GROUP, OpenAlerts
from processors.order import Order, ReorderBuffer
from processors.silence import STATE
from processors.state import ZONE, RuleState
from processors.voice import Voice

LAYOUT: Final = 1


def _kinds(*names: str | np.dtype[np.void]) -> tuple[np.dtype[Any], ...]:
    return tuple(map(np.dtype, names))


class _Open(msgspec.Struct, array_like=True):
    rules: tuple[tuple[str, int], ...]
    columns: list[bytes]


class _Snapshot(msgspec.Struct, array_like=True):
    """The layout on the changelog; numbers little-endian. A change of it is a new LAYOUT."""

    layout: Literal[1]
    version: int
    now: int
    clock: int
    series: bytes
    order: list[bytes]
    buffer: list[bytes]
    heard: list[bytes]
    live: _Open
    backfill: _Open
    silence: tuple[list[tuple[str, str]], bytes]
    findings: list[tuple[str, str, Finding]]


class _Series(msgspec.Struct, array_like=True):
    stations: list[str]
    patterns: list[tuple[str, ...]]
    runs: bytes


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Snapshot)
_series_decoder: Final = msgspec.msgpack.Decoder(_Series)
_OPEN_TYPES: Final = _kinds("<i8", GROUP, "<i8", "u1", "u1", "<i8")
_READING_TYPES: Final = _kinds("<i8", "<i8", "<f8", "u1", "u1", "<i8")


class Snapshots:
    """Makes the snapshots of one state; what changes only with the set of series is kept between two of them."""

    def __init__(self) -> None:
        self._known = (-1, -1)
        self._series = b""
        self._first: NDArray[np.intp] = np.empty(0, np.intp)
        self._run: NDArray[np.intp] = np.empty(0, np.intp)

    def take(self, state: RuleState) -> bytes:
        """The state as bytes."""
        self._renew(state.table)
        silence, live, backfill = state.silence, state.live.export(), state.backfill.export()
        buffer = state.buffer
        rows = buffer.rows
        columns = (rows.sid, rows.time, rows.value, rows.quality, rows.checks, buffer.since)
        kept = silence.needed()
        return _encoder.encode(
            _Snapshot(
                LAYOUT,
                state.version,
                state.now,
                state.clock,
                self._series,
                self._order(state.order),
                [column.tobytes() for column in columns] if len(rows) else [],
                [silence.heard.tobytes(), silence.heard_received.tobytes()],
                _open(live),
                _open(backfill),
                ([silence.keys[place] for place in kept], silence.state[kept].tobytes()),
                [(*key, finding) for key, finding in state.findings.known.items()],
            )
        )

    def _renew(self, table: SeriesTable) -> None:
        known = (len(table.index), len(table.stations))
        if known == self._known:
            return
        numbers = {station: number for number, station in enumerate(table.stations)}
        patterns: dict[tuple[str, ...], int] = {}
        runs: list[tuple[int, int]] = []
        first: list[int] = []
        run: list[int] = []
        for station, keys in groupby(table.index.keys, key=lambda key: key[0]):
            names = tuple(name for _, name in keys)
            first.append(len(run))
            run += [len(runs)] * len(names)
            runs.append((numbers[station], patterns.setdefault(names, len(patterns))))
        packed = np.array(runs, "<u4").tobytes()
        self._series = _encoder.encode(_Series(table.stations, list(patterns), packed))
        self._first, self._run = np.array(first, np.intp), np.array(run, np.intp)
        self._known = known

    def _order(self, order: Order) -> list[bytes]:
        rows = np.stack((order.last, order.filled, order.gap_end))[:, : len(self._run)]
        base = rows[:, self._first]
        other = np.flatnonzero((rows != base[:, self._run]).any(axis=0))
        return [base.tobytes(), other.astype("<u4").tobytes(), rows[:, other].tobytes()]


def saved_version(blob: bytes) -> int:
    """The version of the catalogue that `restore` must be given.

    Raises:
        CorruptRecord: not a snapshot of this layout.
    """
    return _decode(blob).version


def restore(blob: bytes, catalogue: Catalogue, partition: int = 0, partitions: int = 1, zone: str = ZONE) -> RuleState:
    """The state that was taken, on the catalogue at `saved_version`.

    Raises:
        CorruptRecord: not a snapshot of this layout.
    """
    taken = _decode(blob)
    try:
        return _rebuild(taken, RuleState(partition, partitions, zone), catalogue)
    except (msgspec.DecodeError, ValueError, IndexError) as error:
        raise CorruptRecord(f"not a snapshot of the rules' state: {error}") from error


def _rebuild(taken: _Snapshot, state: RuleState, catalogue: Catalogue) -> RuleState:
    series = _series_decoder.decode(taken.series)
    state.version, state.now, state.clock = taken.version, taken.now, taken.clock
    runs = np.frombuffer(series.runs, "<u4").reshape(-1, 2).tolist()
    keys = [(series.stations[station], name) for station, pattern in runs for name in series.patterns[pattern]]
    state.table = SeriesTable(series.stations, keys)
    run = [number for number, (_, pattern) in enumerate(runs) for _ in series.patterns[pattern]]
    state.order = _read_order(taken.order, run, len(runs))
    state.buffer = _read_buffer(taken.buffer)
    state.silence.heard, state.silence.heard_received = (np.frombuffer(part, "<i8").copy() for part in taken.heard)
    state.silence.keys = list(taken.silence[0])
    state.silence.state = np.frombuffer(taken.silence[1], STATE).copy()
    state.findings = Findings({(station, kind): finding for station, kind, finding in taken.findings})
    voice = Voice(catalogue, state.now, state.partition)
    state.watch(catalogue, voice, since=NEVER)
    state.move(catalogue, _read_open(taken.live), _read_open(taken.backfill), voice)
    return state


def _decode(blob: bytes) -> _Snapshot:
    try:
        return _decoder.decode(blob)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not a snapshot of the rules' state: {error}") from error


def _open(alerts: OpenAlerts) -> _Open:
    if not len(alerts):
        return _Open((), [])
    columns: tuple[NDArray[Any], ...] = (
        alerts.key,
        alerts.group,
        alerts.count,
        alerts.code,
        alerts.condition,
        alerts.covered,
    )
    packed = [column.astype(kind, copy=False).tobytes() for column, kind in zip(columns, _OPEN_TYPES, strict=True)]
    return _Open(alerts.rules, packed)


def _read_open(packed: _Open) -> OpenAlerts:
    columns = [np.empty(0, kind) for kind in _OPEN_TYPES]
    if packed.columns:
        columns = [np.frombuffer(*part).copy() for part in zip(packed.columns, _OPEN_TYPES, strict=True)]
    key, group, count, code, condition, covered = columns
    return OpenAlerts(packed.rules, key, group, count.astype(np.intp), code.astype(np.int64), condition, covered)


def _read_order(packed: list[bytes], run: list[int], runs: int) -> Order:
    base = np.frombuffer(packed[0], "<i8").reshape(3, runs)
    rows: Ints = base[:, np.array(run, np.intp)]
    other = np.frombuffer(packed[1], "<u4")
    rows[:, other] = np.frombuffer(packed[2], "<i8").reshape(3, len(other))
    order = Order()
    order.last, order.filled, order.gap_end = (rows[number].copy() for number in range(3))
    return order


def _read_buffer(packed: list[bytes]) -> ReorderBuffer:
    if not packed:
        return ReorderBuffer()
    columns = [np.frombuffer(*part).copy() for part in zip(packed, _READING_TYPES, strict=True)]
    sid, time, value, quality, checks, since = columns
    return ReorderBuffer(Readings(sid, time, value, quality, checks), since)
