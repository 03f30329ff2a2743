"""The rules once more, slow and plain: one reading at a time, one state machine at a time. What the columns are tested against."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf, isfinite, isnan
from zoneinfo import ZoneInfo

from hub.alert import AlertTransition, Target, alert_id
from hub.batch import Batch
from hub.catalogue import Catalogue, Datastream
from hub.model import INVALID_CHECKS, QUALITY_LETTERS, Condition
from hub.rule import DEFAULT_GAP_MS, GAP_PERIODS, Rule
from hub.standards import gb3838

LONG_AGO = -(1 << 62)


@dataclass
class Machine:
    """One level on one side."""

    level: int
    side: int
    limit: float
    named: str = ""
    source: str = ""
    condition: Condition = Condition.CLEARED
    covered: int = 0

    def step(self, rule: Rule, value: float, elapsed: int, *, in_force: bool) -> None:
        mirrored, limit = self.side * value, self.side * self.limit
        over = in_force and mirrored > limit
        under = not in_force or mirrored <= limit - rule.deadband
        match self.condition:
            case Condition.CLEARED if over:
                self._wait(Condition.PENDING, Condition.ACTIVE, rule.on_delay, 0)
            case Condition.PENDING if over:
                self._wait(Condition.PENDING, Condition.ACTIVE, rule.on_delay, self.covered + elapsed)
            case Condition.ACTIVE if under:
                self._wait(Condition.CLEARING, Condition.CLEARED, rule.off_delay, 0)
            case Condition.CLEARING if under:
                self._wait(Condition.CLEARING, Condition.CLEARED, rule.off_delay, self.covered + elapsed)
            case Condition.PENDING:
                self.condition, self.covered = Condition.CLEARED, 0
            case Condition.CLEARING:
                self.condition, self.covered = Condition.ACTIVE, 0

    def _wait(self, waiting: Condition, done: Condition, delay: int, covered: int) -> None:
        self.condition, self.covered = (done, 0) if covered >= delay else (waiting, covered)


@dataclass
class Open:
    """An alert of one rule on one series in one lane."""

    start: int
    last: int
    heard: int
    condition: Condition = Condition.CLEARED
    level: int = 0
    fired: int | None = None
    covered: int = 0
    n: int = 0
    limit: float = 0.0
    unknown: bool = False
    version: int = 0


@dataclass
class SeriesState:
    last: int = LONG_AGO
    filled: int = LONG_AGO
    gap_end: int = LONG_AGO
    held: list[tuple[int, float, int, int, int]] = field(default_factory=list)


class Oracle:
    """One partition's rules; give it each batch with the catalogue in force."""

    def __init__(self, zone: str = "Asia/Shanghai") -> None:
        self.zone = ZoneInfo(zone)
        self.now = 0
        self.clock = 0
        self.series: dict[tuple[str, str], SeriesState] = defaultdict(SeriesState)
        self.machines: dict[tuple[bool, str, str, str], list[Machine]] = {}
        self.open: dict[tuple[bool, str, str, str], Open] = {}
        self.heard: dict[str, tuple[int, int]] = {}
        self.watches: dict[tuple[str, str], list[int]] = {}
        self.silent: dict[tuple[str, str], tuple[int, int, int, int]] = {}
        self.said: list[AlertTransition] = []

    def process(self, batch: Batch, catalogue: Catalogue, offset: int = 0) -> list[AlertTransition]:
        self.said, self.batch, self.catalogue, self.offset = [], batch, catalogue, offset
        step = max(0, batch.received - (self.now or batch.received))
        self.now = (self.now or batch.received) + step
        self.clock += min(step, 5000)
        self._follow()
        rows = self._rows(batch)
        for key in sorted(set(rows) | {key for key, state in self.series.items() if state.held}):
            self._series(key, rows.get(key, []))
        self._away()
        self._silence()
        return self.said

    # what the catalogue says

    def _follow(self) -> None:
        for key in list(self.machines):
            _, rule_id, station, name = key
            rule = self._rule(rule_id, station, name)
            wanted = {} if rule is None else {(m.level, m.side): m for m in machines_of(rule)}
            kept = []
            for old in self.machines[key]:
                if new := wanted.pop((old.level, old.side), None):
                    old.limit, old.named = new.limit, new.named
                    kept.append(old)
            self.machines[key] = sorted(kept + list(wanted.values()), key=lambda m: (m.level, -m.side))
            alert = self.open.get(key)
            if alert is not None and all(m.condition is Condition.CLEARED for m in kept):
                text = "rule removed" if rule is None else "rule changed"
                self._say(key, Condition.CLEARED, alert.last, None, text=text)
                del self.open[key]
            if rule is None:
                del self.machines[key]
            elif key in self.open:
                self.open[key].version = rule.version

    def _rule(self, rule_id: str, station: str, name: str) -> Rule | None:
        rule, device = self.catalogue.rules.get(rule_id), self.catalogue.devices.get(station)
        if rule is None or device is None or not device.enabled or rule.kind != "level":
            return None
        return rule if rule.property == name and rule.matches(station) else None

    def _gap(self, key: tuple[str, str]) -> int:
        period = self.catalogue.period_of(*key)
        return DEFAULT_GAP_MS if period is None else int(period * GAP_PERIODS)

    def _lateness(self, station: str) -> int:
        device = self.catalogue.devices.get(station)
        return 0 if device is None else device.lateness_ms

    # what came

    def _rows(self, batch: Batch) -> dict[tuple[str, str], list[tuple[int, float, int, int, int]]]:
        rows: dict[tuple[str, str], list[tuple[int, float, int, int, int]]] = defaultdict(list)
        for block in batch.blocks:
            for row in range(len(block)):
                station = batch.stations[int(block.station[row])]
                self.heard[station] = (self.clock, batch.received)
                for column, name in enumerate(block.properties):
                    value = float(block.value[row, column])
                    quality = 0 if block.quality is None else int(block.quality[row, column])
                    checks = 0 if block.checks is None else int(block.checks[row, column])
                    if not isnan(value):
                        rows[station, name].append((int(block.time[row]), value, quality, checks, self.clock))
        return rows

    def _series(self, key: tuple[str, str], rows: list[tuple[int, float, int, int, int]]) -> None:
        state, lateness = self.series[key], self._lateness(key[0])
        if lateness or state.held:
            waiting = state.held + rows
            newest = max([state.last, *(row[0] for row in waiting)])
            due = [row for row in waiting if row[0] <= newest - lateness or self.clock - row[4] >= lateness]
            state.held = [row for row in waiting if row not in due] if lateness else []
            rows = due if lateness else waiting
        last_at_entry = state.last
        seen: set[int] = set()
        for time, value, quality, checks, _ in sorted(rows, key=lambda row: row[0]):
            if time in seen:
                continue
            seen.add(time)
            if time <= last_at_entry:
                if state.filled < time < state.gap_end:
                    state.filled = time
                    self._reading(key, time, value, quality, checks, backfilled=True)
                continue
            if time - state.last > self._gap(key):
                state.filled, state.gap_end = state.last, time
                self._end_backfill(key)
            state.last = time
            self._reading(key, time, value, quality, checks, backfilled=False)

    def _reading(
        self, key: tuple[str, str], time: int, value: float, quality: int, checks: int, *, backfilled: bool
    ) -> None:
        entry = self.catalogue.property_of(*key)
        outside = (entry.low is not None and value < entry.low) or (entry.high is not None and value > entry.high)
        if outside or checks & INVALID_CHECKS:
            return
        for rule_id in sorted(self.catalogue.rules):
            rule = self._rule(rule_id, *key)
            if rule is not None and QUALITY_LETTERS[quality] in rule.accept:
                self._group((backfilled, rule_id, *key), rule, time, value)

    def _group(self, key: tuple[bool, str, str, str], rule: Rule, time: int, value: float) -> None:
        machines = self.machines.setdefault(key, machines_of(rule))
        alert = self.open.get(key)
        elapsed = 0 if alert is None else time - alert.last
        elapsed = 0 if elapsed > self._gap(key[2:]) else elapsed
        for machine in machines:
            if machine.named:
                machine.limit, machine.source = self._limit(machine, key[2:], time)
            machine.step(rule, value, elapsed, in_force=in_force(rule, time, self.zone))
        conditions = {machine.condition for machine in machines}
        if alert is None:
            if conditions == {Condition.CLEARED}:
                return
            alert = self.open[key] = Open(time, time, self.clock, version=rule.version)
        elif alert.fired is None:
            alert.covered += elapsed
        alert.last, alert.heard = time, self.clock
        before = (Condition.UNKNOWN if alert.unknown else alert.condition, alert.level)
        alert.unknown = False
        self._conclude(alert, machines, time)
        at_level = [m for m in machines if m.level == alert.level and m.condition is not Condition.CLEARED]
        shown = [machine for machine in at_level if isfinite(machine.limit)]
        if before != (alert.condition, alert.level):
            if shown:
                alert.limit = shown[-1].limit
            self._say(key, alert.condition, time, value, text=shown[-1].source if shown else "")
        if alert.condition is Condition.CLEARED:
            del self.open[key]

    def _limit(self, machine: Machine, series: tuple[str, str], time: int) -> tuple[float, str]:
        """Class limits of GB 3838 for rivers and lakes, and permits, looked up day by day."""
        device, day = self.catalogue.devices[series[0]], datetime.fromtimestamp(time // 1000, self.zone).date()
        found: list[tuple[float | None, float | None, str]] = []
        if machine.named == "permit":
            stream = device.datastreams.get(series[1], Datastream())
            holding = [one for one in stream.limits if one.valid_from <= day <= (one.valid_to or day)]
            found += [(one.below, one.above, one.name) for one in holding]
        else:
            body, wanted = device.water_body or "river", machine.named.removeprefix("gb3838:")
            (item,) = [
                item for item in gb3838.EDITIONS[0].items if item.property == series[1] and item.body in (None, body)
            ]
            limit = float(item.limits[gb3838.GRADES.index(wanted)])
            above = (float(item.low) if item.low else None, limit)
            bounds = (limit, None) if item.side == "below" else above
            found.append((*bounds, f"GB 3838-2002 ({machine.named})"))
        ends = [below if machine.side < 0 else above for below, above, _ in found]
        known = [end for end in ends if end is not None]
        far = machine.side * inf
        limit_now = (max(known, default=far) if machine.side < 0 else min(known, default=far)) if known else far
        return limit_now, "; ".join(dict.fromkeys(source for _, _, source in found))

    @staticmethod
    def _conclude(alert: Open, machines: list[Machine], time: int) -> None:
        conditions = {machine.condition for machine in machines}
        fired = [m.level for m in machines if m.condition in (Condition.ACTIVE, Condition.CLEARING)]
        waiting = [m.level for m in machines if m.condition is Condition.PENDING]
        if Condition.ACTIVE in conditions:
            alert.condition = Condition.ACTIVE
        elif fired or (waiting and alert.fired is not None):
            alert.condition = Condition.CLEARING
        else:
            alert.condition = Condition.PENDING if waiting else Condition.CLEARED
        if fired:
            alert.level = min(fired)
        elif waiting and alert.fired is None:
            alert.level = min(waiting)
        if alert.condition is Condition.ACTIVE and alert.fired is None:
            alert.fired = time

    # what did not come

    def _away(self) -> None:
        for key, alert in sorted(self.open.items()):
            if self.clock - alert.heard <= max(self._gap(key[2:]), 10_000) + self._lateness(key[2]):
                continue
            if key[0]:
                self._end(key, alert)
            elif not alert.unknown:
                alert.unknown = True
                self._say(key, Condition.UNKNOWN, alert.last, None)

    def _end_backfill(self, series: tuple[str, str]) -> None:
        for key, alert in sorted(self.open.items()):
            if key[0] and key[2:] == series:
                self._end(key, alert)

    def _end(self, key: tuple[bool, str, str, str], alert: Open) -> None:
        self._say(key, Condition.CLEARED, alert.last, None, text="end of backfill")
        del self.open[key], self.machines[key]

    def _silence(self) -> None:
        watches = {}
        for rule in self.catalogue.rules.values():
            for device in self.catalogue.devices.values():
                periods = [stream.period_ms for stream in device.datastreams.values() if stream.period_ms]
                period = device.period_ms or min(periods, default=None)
                if rule.kind == "silence" and device.enabled and period and rule.matches(device.station):
                    key = (rule.id, device.station)
                    watches[key] = self.watches.get(key, [self.clock, self.batch.received])
                    self._watch(rule, device.station, period, watches[key])
        for key in sorted(self.silent.keys() - watches.keys()):
            self._say_silence(key, Condition.CLEARED, text="rule removed")
        self.watches = watches

    def _watch(self, rule: Rule, station: str, period: int, since: list[int]) -> None:
        clock, received = self.heard.get(station, (since[0], since[1]))
        key, active = (rule.id, station), (rule.id, station) in self.silent
        if not active and self.clock - clock > int(rule.periods * period):
            start = (
                received + period
                if clock >= since[0] or station not in self.heard
                else max(received + period, since[1])
            )
            self.silent[key] = (start, self.batch.received, rule.silence_level, rule.version)
            self._say_silence(key, Condition.ACTIVE, silent=(self.batch.received - received) / 1000)
        elif active and station in self.heard and clock == self.clock:
            self.silent[key] = (*self.silent[key][:3], rule.version)
            self._say_silence(key, Condition.CLEARED)

    # words

    def _say_silence(
        self, key: tuple[str, str], condition: Condition, *, silent: float | None = None, text: str = ""
    ) -> None:
        start, fired, level, version = self.silent[key]
        target, at = Target(*key[1].split("/")), self.batch.received
        cleared = at if condition is Condition.CLEARED else None
        n = 1
        if cleared is not None:
            del self.silent[key]
            n = 2
        self.said.append(
            AlertTransition(
                alert_id(key[0], target, start), n, key[0], version, target, level, condition, at, at, start, fired,
                cleared, silent, None if silent is None else self._allowed(key) / 1000, "s", text=text,
                offset=self.offset,
            )
        )  # fmt: skip

    def _allowed(self, key: tuple[str, str]) -> int:
        device, rule = self.catalogue.devices[key[1]], self.catalogue.rules[key[0]]
        return int((device.period_ms or 0) * rule.periods)

    def _say(
        self, key: tuple[bool, str, str, str], condition: Condition, at: int, value: float | None, *, text: str = ""
    ) -> None:
        alert = self.open[key]
        backfilled, rule_id, station, name = key
        department, kind, device = station.split("/")
        target = Target(department, kind, device, name)
        alert.n += 1
        coverage = None
        if alert.fired is not None:
            total = alert.fired - alert.start
            coverage = round(alert.covered / total, 4) if total else 1.0
        self.said.append(
            AlertTransition(
                alert_id(rule_id, target, alert.start, backfilled=backfilled), alert.n, rule_id, alert.version, target,
                alert.level, condition, at, self.batch.received, alert.start, alert.fired,
                at if condition is Condition.CLEARED else None, value, alert.limit,
                self.catalogue.property_of(station, name).unit, coverage, backfilled, text, 0, self.offset,
            )
        )  # fmt: skip


def machines_of(rule: Rule) -> list[Machine]:
    """A fresh machine for each level and side, worst first, above before below."""
    found = [Machine(level, 1, limit) for level, limit in rule.above.items()]
    found += [Machine(level, -1, limit) for level, limit in rule.below.items()]
    for level, name in rule.limits.items():
        one_side = {"do": [-1], "nh3_n": [1]}.get(rule.property, [1, -1])
        sides = [1, -1] if name == "permit" else one_side
        found += [Machine(level, side, side * inf, name) for side in sides]
    return sorted(found, key=lambda machine: (machine.level, -machine.side))


def in_force(rule: Rule, time: int, zone: ZoneInfo) -> bool:
    """Whether the rule's schedule covers the time."""
    schedule = rule.schedule
    if schedule is None:
        return True
    local = datetime.fromtimestamp(time // 1000, UTC).astimezone(zone)
    minute, day = local.hour * 60 + local.minute, local.isoweekday()
    if schedule.from_minute < schedule.to_minute:
        return day in schedule.days and schedule.from_minute <= minute < schedule.to_minute
    yesterday = (local - timedelta(days=1)).isoweekday()
    return (day in schedule.days and minute >= schedule.from_minute) or (
        yesterday in schedule.days and minute < schedule.to_minute
    )
