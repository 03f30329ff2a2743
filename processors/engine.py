"""The rules: one record in, the transitions it brings about out. No clock, no bus, no chance: the same records give the same alerts."""

from typing import Final

import numpy as np

from hub.alert import AlertTransition
from hub.batch import Batch
from hub.catalogue import Catalogue
from hub.event import DeviceEvent
from hub.model import INVALID_CHECKS, Condition
from processors.columns import Flags, Places, Readings
from processors.lane import CONDITIONS, Change, Lane
from processors.quality import range_check
from processors.state import RuleState
from processors.voice import Voice

TRANSPORT_MS: Final = 10_000
"""A reading may be this long under way before its series counts as gone: a period is a promise of the device, not of the network."""

_FEW: Final = 64
"""So few readings are stepped through at once, without a look at which of them change nothing."""

_INVALID: Final = np.uint8(INVALID_CHECKS)


def process(batch: Batch, state: RuleState, catalogue: Catalogue, offset: int = 0) -> list[AlertTransition]:
    """Take one batch of observations; `catalogue` is at the highest version that any batch of the partition named."""
    voice = Voice(catalogue, batch.received, state.partition, offset)
    state.advance(batch)
    numbers = state.table.numbers(batch)
    rows = state.table.columns(batch, numbers)
    state.silence.grow(len(state.table.stations))
    state.refresh(catalogue, voice)
    _hear(batch, numbers, state)
    rows = state.buffer.take(rows, state.plan.lateness, state.order.last, state.clock)
    if len(rows):
        _evaluate(rows, state, voice)
    _look(state, voice)
    state.silence.look(state.clock, voice)
    state.findings.look(state.now, voice)
    return voice.said


def process_event(event: DeviceEvent, state: RuleState, catalogue: Catalogue, offset: int = 0) -> list[AlertTransition]:
    """Take one event of a device."""
    voice = Voice(catalogue, event.received, state.partition, offset)
    state.findings.take(event, voice)
    return voice.said


def _hear(batch: Batch, numbers: np.ndarray[tuple[int], np.dtype[np.int64]], state: RuleState) -> None:
    for block in batch.blocks:
        state.silence.hear(numbers[block.station], state.clock, batch.received)


def _evaluate(rows: Readings, state: RuleState, voice: Voice) -> None:
    live, fills, new_gaps = state.order.split(rows, state.plan.gap)
    if len(fills):
        _run(fills, state, voice, backfilled=True)
    if len(state.backfill.open) and len(new_gaps):
        ended = np.isin(state.plan.sid[state.backfill.open], new_gaps)
        _end_backfill(state.backfill.open[ended], state, voice)
    _run(live, state, voice, backfilled=False)


def _run(rows: Readings, state: RuleState, voice: Voice, *, backfilled: bool) -> None:
    """Step a lane through ordered readings; series that are and stay between all their limits cost two comparisons a value."""
    lane, plan = state.backfill if backfilled else state.live, state.plan
    beyond = (rows.value > plan.high[rows.sid]) | (rows.value < plan.low[rows.sid])
    if not len(lane.open):
        if not beyond.any():
            return
        touched = np.zeros(len(plan.gap), np.bool_)
    else:
        touched = lane.open_series.copy()
    touched[rows.sid[beyond]] = True
    rows = rows.take(touched[rows.sid])
    if not len(rows):
        return
    bad = _bad(rows, state)
    tell = _teller(lane, state, voice, backfilled=backfilled)
    first = rows.firsts()
    if len(rows) > _FEW:
        rest = ~lane.steady(rows, bad, state.clock)
        rows, bad, first = rows.take(rest), bad[rest], first[rest]
    _rounds(lane, rows, bad, first, state.clock, tell)


def _rounds(lane: Lane, rows: Readings, bad: Flags, first: Flags, clock: int, tell: Change) -> None:
    """The first reading of every series, then the second of those that have one, and so on."""
    if first.all():
        if len(rows):
            lane.step(rows, bad, clock, tell)
        return
    starts = np.flatnonzero(first)
    rank = np.arange(len(rows)) - starts[np.cumsum(first) - 1]
    order = np.argsort(rank, kind="stable")
    for chosen in np.split(order, np.cumsum(np.bincount(rank))[:-1]):
        lane.step(rows.take(chosen), bad[chosen], clock, tell)


def _bad(rows: Readings, state: RuleState) -> Flags:
    ranges = state.plan.ranges
    checks = rows.checks | range_check(rows.value, ranges.low[rows.sid], ranges.high[rows.sid])
    bad: Flags = (checks & _INVALID) != 0
    return bad


def _teller(lane: Lane, state: RuleState, voice: Voice, *, backfilled: bool) -> Change:
    def tell(group: int, at: int, value: float) -> None:
        source = lane.show(group)
        condition = CONDITIONS[int(lane.group["condition"][group])]
        _say(lane, group, state, voice, condition, at, value=value, backfilled=backfilled, text=source)

    return tell


def _say(
    lane: Lane,
    group: int,
    state: RuleState,
    voice: Voice,
    condition: Condition,
    at: int,
    *,
    value: float | None = None,
    backfilled: bool = False,
    text: str = "",
) -> None:
    lane.group["n"][group] += 1
    rule = state.plan.table.rules[int(state.plan.rule[group])]
    series = state.table.index.keys[int(state.plan.sid[group])]
    row = lane.group[group]
    voice.level((rule.id, rule.version), series, row, condition, at, value=value, backfilled=backfilled, text=text)


def _look(state: RuleState, voice: Voice) -> None:
    """What has not been heard of for longer than its gap: a live alert becomes unknown, a backfilled one ends."""
    for lane in (state.live, state.backfill):
        if not len(lane.open):
            continue
        series = state.plan.sid[lane.open]
        allowed = np.maximum(state.plan.gap[series], TRANSPORT_MS) + state.plan.lateness[series]
        away = lane.open[state.clock - lane.group["heard"][lane.open] > allowed]
        if lane is state.backfill:
            _end_backfill(away, state, voice)
            continue
        for group in away[~lane.group["unknown"][away]]:
            lane.group["unknown"][group] = True
            _say(lane, int(group), state, voice, Condition.UNKNOWN, int(lane.group["last"][group]))


def _end_backfill(groups: Places, state: RuleState, voice: Voice) -> None:
    lane = state.backfill
    for group in map(int, groups):
        at = int(lane.group["last"][group])
        _say(lane, group, state, voice, Condition.CLEARED, at, backfilled=True, text="end of backfill")
        lane.clear(group)
