"""The state machines of all groups in one stretch of time, stepped as columns; the words are ISA-18.2's (on-delay, off-delay, deadband).

There are two lanes: live, and backfill for older readings that fall into a gap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Bytes, Floats, Ints
from hub.model import Condition
from processors.columns import NEVER, Flags, Places, Readings, ranges
from processors.plan import CODE_BITS, RULE_BITS, Plan, place

CLEARED: Final = 0
PENDING: Final = 1
ACTIVE: Final = 2
CLEARING: Final = 3
CONDITIONS: Final = (Condition.CLEARED, Condition.PENDING, Condition.ACTIVE, Condition.CLEARING)

GROUP: Final = np.dtype(
    [
        ("condition", "u1"),
        ("level", "u1"),
        ("unknown", "?"),
        ("n", "<i4"),
        ("last", "<i8"),
        ("heard", "<i8"),
        ("start", "<i8"),
        ("fired", "<i8"),
        ("covered", "<i8"),
        ("limit", "<f8"),
    ],
)
"""One open alert: how it stands, the last reading looked at, the clock when that came, start, firing, covered time before firing, the limit shown."""

_RISING: Final = np.array([True, True, False, False])
_WAITS: Final = np.array([False, True, False, True])
# next[condition, goes on towards the other side, the delay is over]
_NEXT: Final = np.array(
    [
        [[CLEARED, CLEARED], [PENDING, ACTIVE]],
        [[CLEARED, CLEARED], [PENDING, ACTIVE]],
        [[ACTIVE, ACTIVE], [CLEARING, CLEARED]],
        [[ACTIVE, ACTIVE], [CLEARING, CLEARED]],
    ],
    np.uint8,
)
# A group's instances as one word: bits 0-3 levels 1-4 active or clearing, bits 4-7 levels 1-4 pending, bit 8 any active.
_ANY_ACTIVE: Final = 1 << 8
_BITS: Final = np.array(
    [
        [0, 0, 0, 0, 0],
        [0, 1 << 4, 1 << 5, 1 << 6, 1 << 7],
        [0, _ANY_ACTIVE | 1, _ANY_ACTIVE | 2, _ANY_ACTIVE | 4, _ANY_ACTIVE | 8],
        [0, 1, 2, 4, 8],
    ],
    np.int64,
)


def _worst(bits: int) -> int:
    return next((level + 1 for level in range(4) if bits >> level & 1), 0)


_FIRED_LEVEL: Final = np.array([_worst(bits & 15) for bits in range(512)], np.uint8)
_PENDING_LEVEL: Final = np.array([_worst(bits >> 4 & 15) for bits in range(512)], np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class OpenAlerts:
    """The open alerts of a lane without their plan: rule ids and versions, group keys, group states, and their instances (count per group)."""

    rules: tuple[tuple[str, int], ...]
    key: Ints
    group: NDArray[np.void]
    count: Places
    code: Ints
    condition: Bytes
    covered: Ints

    def __len__(self) -> int:
        return len(self.key)


Change = Callable[[int, int, float], None]
"""What hears of a transition: group, its time, the reading's value."""


class Lane:
    """The groups' states under one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.group = np.zeros(len(plan.key), GROUP)
        self.condition: Bytes = np.zeros(len(plan.instance_key), np.uint8)
        self.covered: Ints = np.zeros(len(plan.instance_key), np.int64)
        self._settled = False
        self._open: Places = np.empty(0, np.intp)
        self._open_series: Flags = np.zeros(len(plan.gap), np.bool_)

    @property
    def open(self) -> Places:
        """The groups that are not cleared."""
        self._settle()
        return self._open

    @property
    def open_series(self) -> Flags:
        """Whether each series has an open group."""
        self._settle()
        return self._open_series

    def _settle(self) -> None:
        if not self._settled:
            self._open = np.flatnonzero(self.group["condition"])
            self._open_series = np.zeros(len(self._plan.gap), np.bool_)
            self._open_series[self._plan.sid[self._open]] = True
            self._settled = True

    def export(self) -> OpenAlerts:
        """What is open, by key."""
        plan, chosen = self._plan, self.open
        rows = ranges(plan.start[chosen], plan.count[chosen])
        rules = tuple((rule.id, rule.version) for rule in plan.table.rules)
        return OpenAlerts(
            rules,
            plan.key[chosen],
            self.group[chosen],
            plan.count[chosen],
            plan.code[rows],
            self.condition[rows],
            self.covered[rows],
        )

    def load(self, alerts: OpenAlerts) -> Flags:
        """Take over what is open under another plan; which of them found no place here, or nothing of theirs that is still watched."""
        if not len(alerts):
            return np.zeros(0, np.bool_)
        places = {rule.id: number for number, rule in enumerate(self._plan.table.rules)}
        number = np.array([places.get(name, -1) for name, _ in alerts.rules], np.int64)
        rule = number[alerts.key & ((1 << RULE_BITS) - 1)]
        key = (alerts.key >> RULE_BITS << RULE_BITS) | rule
        found = np.where(rule < 0, -1, place(key, self._plan.key))
        self.group[found[found >= 0]] = alerts.group[found >= 0]
        owner = np.repeat(np.arange(len(alerts)), alerts.count)
        instance = place((key[owner] << CODE_BITS) | alerts.code, self._plan.instance_key)
        instance = np.where(found[owner] < 0, -1, instance)
        kept = instance >= 0
        self.condition[instance[kept]] = alerts.condition[kept]
        self.covered[instance[kept]] = alerts.covered[kept]
        alive = np.zeros(len(alerts), np.bool_)
        alive[owner[kept & (alerts.condition != CLEARED)]] = True
        self.group[found[(found >= 0) & ~alive]] = np.zeros((), GROUP)
        self._settled = False
        gone: Flags = ~alive
        return gone

    def show(self, group: int) -> str:
        """Remember the limit that the group's level stands for, for when nothing is over it any more; which edition or permit it is from, if any."""
        plan, source = self._plan, ""
        first, count = int(plan.start[group]), int(plan.count[group])
        level = int(self.group["level"][group])
        for instance in range(first, first + count):
            if plan.code[instance] >> 1 == level and self.condition[instance] != CLEARED:
                limit, of = plan.limit[instance], ""
                if plan.any_dated:
                    limit, of = plan.dated(instance, int(self.group["last"][group]))
                if isfinite(limit):
                    self.group["limit"][group], source = limit * plan.side[instance], of
        return source

    def clear(self, group: int) -> None:
        """Forget an alert that has ended."""
        first, count = int(self._plan.start[group]), int(self._plan.count[group])
        self.condition[first : first + count] = CLEARED
        self.group[group] = np.zeros((), GROUP)
        self._settled = False

    def step(self, rows: Readings, bad: Flags, clock: int, tell: Change) -> None:
        """Take one reading of each of some series; `bad` (n,) readings are looked at by no rule."""
        plan = self._plan
        row, group = self._looked(rows, bad)
        if not len(group):
            return
        state = self.group[group]
        time = rows.time[row]
        elapsed = np.where(state["condition"] == CLEARED, 0, time - state["last"])
        elapsed[elapsed > plan.gap[rows.sid[row]]] = 0
        count = plan.count[group]
        of, instance = np.repeat(np.arange(len(group)), count), ranges(plan.start[group], count)
        over, under = self._sides(instance, of, rows.value[row], group, time)
        new = self._move(instance, over, under, elapsed[of], plan.on_delay[group][of], plan.off_delay[group][of])
        bits = np.bitwise_or.reduceat(_BITS[new, plan.code[instance] >> 1], np.cumsum(count) - count)
        self._conclude(group, state, bits, time, elapsed, clock)
        changed = (state["condition"] != self.group["condition"][group]) | (
            state["level"] != self.group["level"][group]
        )
        changed |= state["unknown"]
        for place_ in np.flatnonzero(changed):
            tell(int(group[place_]), int(time[place_]), float(rows.value[row[place_]]))

    def steady(self, rows: Readings, bad: Flags, clock: int) -> Flags:
        """Which rows (ordered) are of series whose readings leave all as it is (active stays active, cleared cleared); those are done on return."""
        plan = self._plan
        row, group = self._looked(rows, bad)
        count = plan.count[group]
        of, instance = np.repeat(np.arange(len(group)), count), ranges(plan.start[group], count)
        over, under = self._sides(instance, of, rows.value[row], group, rows.time[row])
        condition = self.condition[instance]
        same = ((condition == CLEARED) & ~over) | ((condition == ACTIVE) & ~under)
        first = rows.firsts()
        series = np.cumsum(first) - 1
        steady = np.ones(int(first.sum()), np.bool_)
        steady[series[row[of[~same]]]] = False
        steady[series[row[self.group["unknown"][group]]]] = False
        done = steady[series]
        touched = done[row] & (self.group["condition"][group] != CLEARED)
        # rows are in the order of time, and of equal places the last written stays
        self.group["last"][group[touched]] = rows.time[row[touched]]
        self.group["heard"][group[touched]] = clock
        result: Flags = done
        return result

    def _looked(self, rows: Readings, bad: Flags) -> tuple[Places, Places]:
        plan = self._plan
        count = plan.group_count[rows.sid]
        row, group = np.repeat(np.arange(len(rows)), count), ranges(plan.group_start[rows.sid], count)
        looked = ~bad[row] & ((plan.accept[group] >> rows.quality[row]) & 1).astype(np.bool_)
        return (row, group) if looked.all() else (row[looked], group[looked])

    def _sides(self, instance: Places, of: Places, value: Floats, group: Places, time: Ints) -> tuple[Flags, Flags]:
        plan = self._plan
        mirrored = value[of] * plan.side[instance]
        limit, back = plan.limits(instance, time[of])
        over, under = mirrored > limit, mirrored <= back
        if plan.any_scheduled:
            inside = plan.in_force(group, time)[of]
            over, under = over & inside, under | ~inside
        return over, under

    def _move(self, instance: Places, over: Flags, under: Flags, elapsed: Ints, on: Ints, off: Ints) -> Bytes:
        condition = self.condition[instance]
        rising = _RISING[condition]
        covered = np.where(_WAITS[condition], self.covered[instance] + elapsed, 0)
        on_way = np.where(rising, over, under)
        new = _NEXT[condition, on_way.view(np.uint8), (covered >= np.where(rising, on, off)).view(np.uint8)]
        self.condition[instance] = new
        self.covered[instance] = np.where(_WAITS[new], covered, 0)
        return new

    def _conclude(
        self, group: Places, before: NDArray[np.void], bits: Ints, time: Ints, elapsed: Ints, clock: int
    ) -> None:
        """Make the group's condition and level from its instances' (`bits`); an alert that has fired waits as clearing, never again as pending."""
        was_open, had_fired = before["condition"] != CLEARED, before["fired"] != NEVER
        had_fired &= was_open
        fired_level, pending_level = _FIRED_LEVEL[bits], _PENDING_LEVEL[bits]
        after = before.copy()
        waiting = np.where(had_fired, CLEARING, PENDING)
        quiet = np.where(pending_level > 0, waiting, CLEARED)
        after["condition"] = np.where(bits & _ANY_ACTIVE, ACTIVE, np.where(fired_level > 0, CLEARING, quiet))
        level = np.where(fired_level > 0, fired_level, np.where(had_fired, 0, pending_level))
        after["level"] = np.where(level > 0, level, before["level"])
        opening = ~was_open
        after["start"][opening], after["fired"][opening] = time[opening], NEVER
        after["n"][opening], after["covered"][opening], after["unknown"] = 0, 0, False
        after["covered"] += np.where(had_fired | opening, 0, elapsed)
        firing = ~had_fired & ((after["condition"] == ACTIVE) | (after["condition"] == CLEARING))
        after["fired"][firing] = time[firing]
        after["last"], after["heard"] = time, clock
        self.group[group] = after
        self._settled = self._settled and bool(((after["condition"] != CLEARED) == was_open).all())
