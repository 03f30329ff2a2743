"""Alerts to try with: transitions of an episode, and a small world that takes them."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from alerts.episode import take_transition
from alerts.escalation import Escalation
from alerts.incidents import Desk
from alerts.machine import Machine
from alerts.pipeline import Receiver
from alerts.practice import Practice
from alerts.queries import AlertFilter, IncidentFilter, get_detail, list_alerts, list_incidents
from alerts.telling import Site, Teller
from alerts.timers import Ticker
from alerts.views import AlertView, IncidentDetail, IncidentView
from hub.alert import AlertTransition, Target, alert_id
from hub.clock import ManualClock
from hub.evidence import Evidence
from hub.model import Condition
from storage.records import Records, attached, timers
from storage.records.tables import notification

START = 1_767_225_600_000  # 2026-01-01T08:00:00+08:00
S1 = Target("zhenhai", "water", "s1", "nh3_n")
S2 = Target("zhenhai", "water", "s2", "nh3_n")

OPS = Receiver("ops", "webhook", ("http://ops/hook",), people=False)
DUTY = Receiver("duty", "email", ("wang@example.org", "li@example.org"), people=True)


def a_transition(
    n: int = 1, condition: Condition = Condition.ACTIVE, target: Target = S1, start: int = START, **changes: Any
) -> AlertTransition:
    """The n-th transition of the episode that began at `start`; fired a minute after it unless it is pending."""
    backfilled = changes.get("backfilled", False)
    fired = None if condition == Condition.PENDING else start + 60_000
    at = start + n * 60_000
    plain = AlertTransition(
        id=alert_id(changes.get("rule", "nh3"), target, start, backfilled=backfilled),
        n=n,
        rule="nh3",
        rule_version=3,
        target=target,
        level=2,
        condition=condition,
        at=at,
        received=at + 500,
        breach_start=start,
        fired=fired,
        cleared=at if condition == Condition.CLEARED else None,
        value=2.4,
        limit=2.0,
        unit="mg/L",
        coverage=1.0,
    )
    return msgspec.structs.replace(plain, **changes)


class World:
    """Records, receivers and a clock, without threads."""

    def __init__(self, records: Records, receivers: Iterable[Receiver] = (OPS, DUTY)) -> None:
        self.records = records
        self.clock = ManualClock(START + 3_600_000)
        self.teller = Teller(Site("zhenhai", ZoneInfo("Asia/Shanghai"), "https://hub.example.org"), receivers)
        self.desk = Desk(self.teller)
        self.ticker = self._ticker()

    def _ticker(self) -> Ticker:
        ticker = Ticker(self.records, self.clock)
        for name, handler in Machine(self.teller).handlers().items():
            ticker.on(name, handler)
        return ticker

    def keep(self, practice: Practice, escalation: Escalation | None = None) -> None:
        """The site keeps its incidents so from now on, and people are called by this plan."""
        self.teller = Teller(self.teller.site, self.teller.receivers, escalation, practice)
        self.desk = Desk(self.teller)
        self.ticker = self._ticker()

    def passes(self, seconds: float) -> int:
        """Time goes by, from timer to timer; how many of them ran."""
        end, ran = self.clock.now() + int(seconds * 1000), 0
        while True:
            with self.records.read() as tx:
                found = timers.next_after(tx, at=self.clock.now())
            self.clock.advance(min(end, end if found is None else found) - self.clock.now())
            ran += self.ticker.tick()
            if self.clock.now() >= end:
                return ran

    def attach(self, incident: str, piece: Evidence, place: tuple[float, float] | None = None, by: str = "li") -> bool:
        """A piece of evidence that somebody added."""
        lon, lat = place if place is not None else (None, None)
        with self.records.begin() as tx:
            return attached.attach(tx, incident, piece, by=by, at=self.clock.now(), lon=lon, lat=lat)

    def hear_of(self, *receivers: Receiver) -> None:
        """The settings name these receivers from now on."""
        self.teller = Teller(self.teller.site, receivers)
        self.desk = Desk(self.teller)
        self.ticker = self._ticker()

    def take(self, *transitions: AlertTransition) -> list[bool]:
        """Take transitions, each in a transaction of its own."""
        taken = []
        for transition in transitions:
            with self.records.begin() as tx:
                taken.append(take_transition(tx, self.teller, transition, recorded=self.clock.now()))
        return taken

    def act(self, action: str, incident: str, actor: str = "wang", reason: str = "seen", **more: Any) -> IncidentView:
        """A person's action."""
        with self.records.begin() as tx:
            return self.desk.act(tx, action, incident, actor=actor, reason=reason, at=self.clock.now(), **more)

    def alerts(self, **wanted: Any) -> list[AlertView]:
        """Alerts as listed."""
        with self.records.read() as tx:
            return list_alerts(tx, AlertFilter(**wanted)).items

    def incidents(self, **wanted: Any) -> list[IncidentView]:
        """Incidents as listed."""
        with self.records.read() as tx:
            return list_incidents(tx, IncidentFilter(**wanted)).items

    def detail(self, incident: str) -> IncidentDetail:
        """Everything of an incident."""
        with self.records.read() as tx:
            found = get_detail(tx, incident, practice=self.teller.practice, at=self.clock.now())
        assert found is not None
        return found

    def told(self) -> list[tuple[str, str]]:
        """Every notice written so far as (address, type), in order."""
        query = select(notification.c.address, notification.c.type).order_by(notification.c.id)
        with self.records.read() as tx:
            return [(address, type_) for address, type_ in tx.execute(query)]

    def told_of(self, address: str) -> list[str]:
        """The types of the notices to one address, in order."""
        return [type_ for to, type_ in self.told() if to == address]
