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


class RuleState:
    """The state of one partition of `partitions`; `zone` is the site's, for schedules."""

    def __init__(self, partition: int = 0, partitions: int = 1, zone: str = "Asia/Shanghai") -> None:
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
        self.restored: tuple[OpenAlerts, OpenAlerts] | None = None
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
            self._watch(catalogue, voice)
        series = len(self.table.index)
        live, backfill = self.restored or (self.live.export(), self.backfill.export())
        if not self.plan.refresh(catalogue, self.table.index.keys) and self.restored is None:
            return
        self.restored = None
        self.order.grow(series)
        self.buffer.grow(series)
        self.live, self.backfill = Lane(self.plan), Lane(self.plan)
        self._end(self.live, live, voice, backfilled=False)
        self._end(self.backfill, backfill, voice, backfilled=True)

    def _watch(self, catalogue: Catalogue, voice: Voice) -> None:
        for name in catalogue.devices:
            if name not in self._owned:
                self._owned[name] = partition_of(name.encode(), self.partitions) == self.partition
        owned = {name: self.table.station(name) for name in catalogue.devices if self._owned[name]}
        self.silence.grow(len(self.table.stations))
        self.silence.watch(watched(catalogue, owned), self.clock, voice)
        self._watched_version = catalogue.version

    def _end(self, lane: Lane, alerts: OpenAlerts, voice: Voice, *, backfilled: bool) -> None:
        gone = lane.load(alerts)
        known = {rule.id for rule in self.plan.table.rules}
        for place in gone.nonzero()[0]:
            state, key = alerts.group[place], int(alerts.key[place])
            rule = alerts.rules[key & ((1 << RULE_BITS) - 1)]
            series = self.table.index.keys[key >> RULE_BITS]
            state["n"] += 1
            stays = rule[0] in known and series[0] in voice.catalogue.devices
            text = "rule changed" if stays else "rule removed"
            at = int(state["last"])
            voice.level(rule, series, state, Condition.CLEARED, at, backfilled=backfilled, text=text)
