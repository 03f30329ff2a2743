"""Everything the rules of one partition remember between two records."""

from typing import Final
from zoneinfo import ZoneInfo

from hub.batch import Batch
from hub.catalogue import Catalogue
from hub.model import Condition
from hub.partition import partition_of
from processors.columns import SeriesTable
from processors.findings import Findings
from processors.lane import Lane, OpenAlerts
from processors.order import Order, ReorderBuffer
from processors.plan import RULE_BITS, Plan
from processors.silence import SilenceWatch, watched
from processors.voice import Voice

MAX_STEP_MS: Final = 5_000
"""The most that one batch moves the clock: while ingest itself stood still nobody was silent."""


ZONE: Final = "Asia/Shanghai"


class RuleState:
    """The state of one partition of `partitions`; `zone` is the site's, for schedules."""

    def __init__(self, partition: int = 0, partitions: int = 1, zone: str = ZONE) -> None:
        self.partition = partition
        self.partitions = partitions
        self.version = 0
        self.now = 0
        self.clock = 0
        self.table = SeriesTable()
        self.plan = Plan(ZoneInfo(zone))
        self.order = Order()
        self.buffer = ReorderBuffer()
        self.live = Lane(self.plan)
        self.backfill = Lane(self.plan)
        self.silence = SilenceWatch()
        self.findings = Findings()
        self._owned: dict[str, bool] = {}
        self._watched_version = -1

    def advance(self, batch: Batch) -> None:
        """Move `now` to the batch's receive time, never back, and the clock by at most one step."""
        if not self.now:
            self.now = batch.received
        step = max(0, batch.received - self.now)
        self.now += step
        self.clock += min(step, MAX_STEP_MS)

    def refresh(self, catalogue: Catalogue, voice: Voice) -> None:
        """Bring plan and lanes to the catalogue and the series known; end the alerts of what is watched no more."""
        self.version = max(self.version, catalogue.version)
        if self._watched_version != catalogue.version:
            self.watch(catalogue, voice)
        keys = self.table.index.keys
        if not self.plan.stale(catalogue, keys):
            return
        self.move(catalogue, self.live.export(), self.backfill.export(), voice)

    def move(self, catalogue: Catalogue, live: OpenAlerts, backfill: OpenAlerts, voice: Voice) -> None:
        """Compile, and go on with these open alerts; those that nobody watches now end."""
        self.plan.refresh(catalogue, self.table.index.keys)
        self.order.grow(len(self.table.index))
        self.live, self.backfill = Lane(self.plan), Lane(self.plan)
        self._end(self.live, live, voice, backfilled=False)
        self._end(self.backfill, backfill, voice, backfilled=True)

    def watch(self, catalogue: Catalogue, voice: Voice, *, since: int | None = None) -> None:
        """Watch for silence what the catalogue says, from `since` on the clock (None: now) where the watch is new."""
        for name in catalogue.devices:
            if name not in self._owned:
                self._owned[name] = partition_of(name.encode(), self.partitions) == self.partition
        owned = {name: self.table.station(name) for name in catalogue.devices if self._owned[name]}
        self.silence.grow(len(self.table.stations))
        self.silence.watch(watched(catalogue, owned), voice, since=self.clock if since is None else since)
        self._watched_version = catalogue.version

    def _end(self, lane: Lane, alerts: OpenAlerts, voice: Voice, *, backfilled: bool) -> None:
        gone = lane.load(alerts)
        numbers = {rule.id: number for number, rule in enumerate(self.plan.table.rules)}
        for place in gone.nonzero()[0]:
            state, key = alerts.group[place], int(alerts.key[place])
            rule = alerts.rules[key & ((1 << RULE_BITS) - 1)]
            series = self.table.index.keys[key >> RULE_BITS]
            state["n"] += 1
            watched_still = self.plan.watches(key >> RULE_BITS, numbers.get(rule[0], -1))
            text = "rule changed" if watched_still else "rule removed"
            at = int(state["last"])
            voice.level(rule, series, state, Condition.CLEARED, at, backfilled=backfilled, text=text)
