"""The rules in force as arrays: for each series its groups (one rule on one series) and for each group its instances (one level on one side).

Groups lie in the order of (series, rule), instances in the order of (group, level, side), so what belongs together is contiguous and a key finds its
place by bisection.
"""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from hub.batch import Floats, Ints
from hub.catalogue import Catalogue
from hub.model import QUALITY_CODE
from hub.rule import DEFAULT_GAP_MS, GAP_PERIODS, Rule
from hub.standards.named import sides
from processors.columns import Flags, Places, ranges
from processors.dated import DatedLimits
from processors.quality import Ranges
from processors.schedule import LocalTime, in_force

RULE_BITS: Final = 16
CODE_BITS: Final = 4
BELOW: Final = 1
"""An instance's code is level * 2, plus this when it watches the lower side."""

Words = NDArray[np.int64]


def codes(rule: Rule) -> list[tuple[int, float, str]]:
    """The rule's instances in the order of their codes: code, limit, and the limit's name where a standard or permit gives the number (then NaN)."""
    found = [(level * 2, limit, "") for level, limit in rule.above.items()]
    found += [(level * 2 + BELOW, limit, "") for level, limit in rule.below.items()]
    for level, name in rule.limits.items():
        below, above = sides(name, rule.property)
        found += [(level * 2, np.nan, name)] * above + [(level * 2 + BELOW, np.nan, name)] * below
    return sorted(found)


@dataclass(frozen=True, slots=True, eq=False)
class RuleTable:
    """What each rule says, by its place in `rules`, and its instances, `start` and `count` into their columns.

    `named` has code and name of those instances of each rule whose limit has a name; `limit` and `back` are NaN there.
    """

    rules: tuple[Rule, ...]
    on_delay: Ints
    off_delay: Ints
    accept: Ints
    scheduled: NDArray[np.bool_]
    start: Places
    count: Places
    code: Ints
    side: Floats
    limit: Floats
    back: Floats
    deadband: Floats
    named: tuple[tuple[tuple[int, str], ...], ...]

    @classmethod
    def build(cls, rules: tuple[Rule, ...]) -> "RuleTable":
        """The table of these level rules."""
        of = [codes(rule) for rule in rules]
        rows = [(place, code, limit) for place, found in enumerate(of) for code, limit, _ in found]
        owner = np.array([row[0] for row in rows], np.int64)
        code = np.array([row[1] for row in rows], np.int64)
        side = np.where(code & BELOW, -1.0, 1.0)
        limit = side * np.array([row[2] for row in rows], np.float64)
        deadband = np.array([rule.deadband for rule in rules], np.float64)[owner] if rows else limit
        count = np.bincount(owner, minlength=len(rules)).astype(np.intp)
        return cls(
            rules,
            np.array([rule.on_delay for rule in rules], np.int64),
            np.array([rule.off_delay for rule in rules], np.int64),
            np.array([sum({1 << QUALITY_CODE[letter] for letter in rule.accept}) for rule in rules], np.int64),
            np.array([rule.schedule is not None for rule in rules], np.bool_),
            np.cumsum(count) - count,
            count,
            code,
            side,
            limit,
            limit - deadband,
            deadband,
            tuple(tuple((code, name) for code, _, name in found if name) for found in of),
        )


class Plan:
    """The rules on the series, compiled; what did not change since the last `refresh` is kept."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.version = -1
        self._local = LocalTime(zone)
        self._dated = DatedLimits(zone)
        self.table = RuleTable.build(())
        self.ranges = Ranges()
        self.gap: Ints = np.empty(0, np.int64)
        self.lateness: Ints = np.empty(0, np.int64)
        self._of_series: list[tuple[int, ...]] = []
        self._rules: dict[str, Rule] = {}
        self._devices: dict[str, object] = {}
        self._matching: dict[tuple[str, str], tuple[int, ...]] = {}
        self._expand(Catalogue(), [])

    def stale(self, catalogue: Catalogue, keys: list[tuple[str, str]]) -> bool:
        """Whether the catalogue or the series known went on since the last `refresh`."""
        return self.version != catalogue.version or len(self.gap) != len(keys)

    def refresh(self, catalogue: Catalogue, keys: list[tuple[str, str]]) -> None:
        """Compile what the catalogue changed and the series that are new."""
        if self.version != catalogue.version:
            self._take_rules(catalogue)
            self._take_devices(catalogue, keys)
            self.version = catalogue.version
        self._extend(catalogue, keys)
        self._expand(catalogue, keys)

    def watches(self, sid: int, rule: int) -> bool:
        """Whether the rule (its place in the table) looks at the series."""
        return rule in self._of_series[sid]

    def limits(self, instance: Places, time: Ints) -> tuple[Floats, Floats]:
        """The mirrored limit of each instance at each time, and where it is back inside."""
        limit, back = self.limit[instance], self.back[instance]
        if self.any_dated:
            rows = np.flatnonzero(self.timeline[instance] >= 0)
            limit[rows] = self._dated.limit(self.timeline[instance[rows]], time[rows])
            back[rows] = limit[rows] - self.deadband[instance[rows]]
        return limit, back

    def dated(self, instance: int, time: int) -> tuple[float, str]:
        """The mirrored limit of one instance at a time, and which edition or permit it is from; empty where the rule itself gives the number."""
        timeline = int(self.timeline[instance])
        return self._dated.one(timeline, time) if timeline >= 0 else (float(self.limit[instance]), "")

    def in_force(self, group: Places, time: Ints) -> Flags:
        """Whether the rule of each group is in force at each time."""
        inside = np.ones(len(group), np.bool_)
        rows = np.flatnonzero(self.scheduled[group])
        rules = self.rule[group[rows]]
        for number in np.unique(rules):
            chosen = rows[rules == number]
            schedule = self.table.rules[number].schedule
            if schedule is not None:
                inside[chosen] = in_force(schedule, self._local.minutes(time[chosen]))
        return inside

    def _take_rules(self, catalogue: Catalogue) -> None:
        rules = {name: rule for name, rule in catalogue.rules.items() if rule.kind == "level"}
        if rules == self._rules:
            return
        self._rules = rules
        self.table = RuleTable.build(tuple(rules[name] for name in sorted(rules)))
        self._matching.clear()
        self._of_series.clear()
        self._dated.clear()

    def _take_devices(self, catalogue: Catalogue, keys: list[tuple[str, str]]) -> None:
        known, devices = self._devices, catalogue.devices
        changed = {name for name, device in devices.items() if known.get(name) is not device}
        changed |= known.keys() - devices.keys()
        self._devices = dict(devices)
        if not changed:
            return
        self._matching = {key: found for key, found in self._matching.items() if key[0] not in changed}
        self._dated.forget(changed)
        self.ranges.renew(catalogue, keys, changed)
        for sid, (station, name) in enumerate(keys[: len(self.gap)]):
            if station in changed:
                self.gap[sid], self.lateness[sid] = _times(catalogue, station, name)
                if sid < len(self._of_series):
                    self._of_series[sid] = self._match(catalogue, station, name)

    def _extend(self, catalogue: Catalogue, keys: list[tuple[str, str]]) -> None:
        self.ranges.extend(catalogue, keys)
        times = [_times(catalogue, *key) for key in keys[len(self.gap) :]]
        self.gap = np.concatenate((self.gap, np.array([gap for gap, _ in times], np.int64)))
        self.lateness = np.concatenate((self.lateness, np.array([late for _, late in times], np.int64)))
        self._of_series += [self._match(catalogue, *key) for key in keys[len(self._of_series) :]]

    def _match(self, catalogue: Catalogue, station: str, name: str) -> tuple[int, ...]:
        device = catalogue.devices.get(station)
        if device is None or not device.enabled:
            return ()
        key = (station, name)
        found = self._matching.get(key)
        if found is None:
            rules = enumerate(self.table.rules)
            found = tuple(place for place, rule in rules if rule.property == name and rule.matches(station))
            self._matching[key] = found
        return found

    def _expand(self, catalogue: Catalogue, keys: list[tuple[str, str]]) -> None:
        table, of_series = self.table, self._of_series
        self.group_count = np.fromiter(map(len, of_series), np.intp, len(of_series))
        self.group_start = np.cumsum(self.group_count) - self.group_count
        self.rule = np.array([place for places in of_series for place in places], np.int64)
        self.sid = np.repeat(np.arange(len(of_series), dtype=np.int64), self.group_count)
        self.key: Words = (self.sid << RULE_BITS) | self.rule
        self.on_delay, self.off_delay = table.on_delay[self.rule], table.off_delay[self.rule]
        self.accept, self.scheduled = table.accept[self.rule], table.scheduled[self.rule]
        self.any_scheduled = bool(self.scheduled.any())
        self.count = table.count[self.rule]
        self.start = np.cumsum(self.count) - self.count
        row = ranges(table.start[self.rule], self.count)
        self.code, self.side = table.code[row], table.side[row]
        self.limit, self.back, self.deadband = table.limit[row], table.back[row], table.deadband[row]
        self._date(catalogue, keys)
        self.instance_key: Words = (np.repeat(self.key, self.count) << CODE_BITS) | self.code
        self._bound()

    def _date(self, catalogue: Catalogue, keys: list[tuple[str, str]]) -> None:
        """Give each instance with a named limit its timeline, and for `limit` the nearest that it ever has."""
        self.timeline: Ints = np.full(len(self.limit), -1, np.int64)
        named = np.array([bool(codes_) for codes_ in self.table.named], np.bool_)
        self.any_dated = bool(named.any())
        if not self.any_dated:
            return
        found: list[int] = []
        for group in np.flatnonzero(named[self.rule]):
            place_ = int(self.rule[group])
            station = keys[int(self.sid[group])][0]
            found += self._dated.timelines(catalogue, station, self.table.rules[place_], self.table.named[place_])
        self._dated.lay()
        rows = np.flatnonzero(np.isnan(self.limit))
        self.timeline[rows] = found
        self.limit[rows] = self._dated.nearest(self.timeline[rows])
        self.back[rows] = self.limit[rows] - self.deadband[rows]

    def _bound(self) -> None:
        """`low` and `high` of each series: between them no rule sees anything, whatever it accepts and whenever it is in force."""
        series = np.repeat(self.sid, self.count)
        upper = self.side > 0
        self.high: Floats = np.full(len(self._of_series), np.inf)
        np.minimum.at(self.high, series[upper], self.limit[upper])
        self.low: Floats = np.full(len(self._of_series), -np.inf)
        np.maximum.at(self.low, series[~upper], -self.limit[~upper])


def _times(catalogue: Catalogue, station: str, name: str) -> tuple[int, int]:
    period = catalogue.period_of(station, name)
    device = catalogue.devices.get(station)
    gap = DEFAULT_GAP_MS if period is None else int(period * GAP_PERIODS)
    return gap, 0 if device is None else device.lateness_ms


def place(wanted: Words, keys: Words) -> Places:
    """Where each wanted key stands in the sorted `keys`, -1 where it does not."""
    if not len(keys):
        return np.full(len(wanted), -1, np.intp)
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    result: Places = np.where(keys[found] == wanted, found, -1)
    return result
