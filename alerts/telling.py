"""Telling: from what happened to rows of the outbox, in the transaction in which it happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from alerts.escalation import ByReceivers, Escalation, Step
from alerts.field_work.issuing import issue
from alerts.field_work.links import address
from alerts.people.book import read
from alerts.people.person import Person
from alerts.pipeline import Occasion, Plan, Receiver, decide
from alerts.practice import Practice
from alerts.views import alert_view, incident_view, wire
from hub.settings import Settings
from storage.records import feed, notices, people
from storage.records.rows import AlertRow, IncidentRow

MACHINE = "hub"
"""The actor of everything that no person did."""


@dataclass(frozen=True, slots=True)
class Site:
    """What notices say of the hub itself; links begin with `public_url`, empty for none."""

    district: str
    zone: ZoneInfo
    public_url: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Site":
        """The site that the settings describe."""
        return cls(settings.hub.district, ZoneInfo(settings.hub.zone), (settings.serve.public_url or "").rstrip("/"))


class Teller:
    """Decides who is told and writes it down; it sends nothing."""

    def __init__(
        self,
        site: Site,
        receivers: Iterable[Receiver],
        escalation: Escalation | None = None,
        practice: Practice | None = None,
    ) -> None:
        self.site = site
        self.receivers = tuple(receivers)
        self.escalation: Escalation = ByReceivers(self.receivers) if escalation is None else escalation
        self.practice = Practice() if practice is None else practice

    def plans(
        self,
        tx: Connection,
        incident: IncidentRow,
        occasions: Sequence[Occasion],
        *,
        at: int,
        quiet: str = "",
        step: Step | None = None,
    ) -> tuple[Plan, ...]:
        """Who is told on each occasion at `at` (epoch ms), and who is not and why.

        `quiet` is why nobody hears news; `step` has the people, those whom the plan has called by now when None.
        """
        ended = notices.ended(tx) if occasions else frozenset()
        news = not quiet and any(each.type in notices.NEWS and not each.aside for each in occasions)
        if step is None:
            step = self.people(tx, incident, at) if news else Step()
        plans = []
        for each in occasions:
            told = () if each.type in notices.NEWS else tuple(notices.told(tx, incident.id, each.alert))
            plan = Plan(each, self.receivers, step.recipients, quiet, told, ended)
            plans.append(decide(plan if each.aside else replace(plan, left_out=step.why, next_at=step.next_at)))
        return tuple(plans)

    def people(self, tx: Connection, incident: IncidentRow, at: int) -> Step:
        """Everybody whom the plan has called by now: its steps up to the one where it stands."""
        steps = [self.escalation.step(tx, incident, number, at) for number in range(incident.step + 1)]
        people = tuple(dict.fromkeys(to for step in steps for to in step.recipients))
        return Step(people, steps[-1].next_at, tuple(dict.fromkeys(why for step in steps for why in step.why)))

    def tell(
        self,
        tx: Connection,
        plans: Sequence[Plan],
        incident: IncidentRow,
        *,
        at: int,
        alert: AlertRow | None = None,
        actor: str | None = None,
        reason: str = "",
    ) -> None:
        """Write a notice for everybody who is told, but for those written before."""
        if not any(plan.chosen for plan in plans):
            return
        said = self.data(incident, alert, actor, reason)
        drafts = [
            notices.Draft(
                incident.id,
                plan.occasion.alert,
                to,
                plan.occasion.type,
                plan.occasion.cause,
                msgspec.json.encode(self._to(tx, said, incident, to, at)).decode(),
            )
            for plan in plans
            for to in plan.chosen
        ]
        notices.enqueue(tx, drafts, at=at)

    def _to(
        self, tx: Connection, said: dict[str, Any], incident: IncidentRow, to: notices.Recipient, at: int
    ) -> dict[str, Any]:
        """The notice, where it is to a person with their own link to the task and in their language."""
        if to.person is None:
            return said
        own = dict(said)
        if isinstance(known := None if (row := people.get(tx, "person", to.person)) is None else read(row), Person):
            own["language"] = known.language
        if self.site.public_url:
            own["url"] = address(self.site.public_url, issue(tx, incident.id, to.person, at=at).token)
        return own

    def data(self, incident: IncidentRow, alert: AlertRow | None, actor: str | None, reason: str) -> dict[str, Any]:
        """What a notice says, as JSON values with times in the site's zone."""
        zone = self.site.zone
        link = f"{self.site.public_url}/incidents/{incident.number}" if self.site.public_url else None
        return {
            "incident": wire(incident_view(incident), zone),
            "alert": None if alert is None else wire(alert_view(alert), zone),
            "text": "" if alert is None else alert.text,
            "actor": actor,
            "reason": reason,
            "url": link,
        }

    def show_alert(self, tx: Connection, alert: AlertRow, *, at: int) -> None:
        """Put the alert into the feed as it stands."""
        feed.append(tx, "alert", wire(alert_view(alert), self.site.zone), at=at)

    def show_incident(self, tx: Connection, incident: IncidentRow, change: str, *, at: int) -> None:
        """Put the incident into the feed as it stands; `change` is the word of its log."""
        feed.append(tx, "incident", {**wire(incident_view(incident), self.site.zone), "change": change}, at=at)


def told_facts(plans: Iterable[Plan]) -> dict[str, object]:
    """For the incident's log: who was told on which occasion, and who was not and why."""
    return {
        "told": {
            plan.occasion.type: [f"{to.receiver} {to.address}" for to in plan.chosen] for plan in plans if plan.chosen
        },
        "left_out": {plan.occasion.type: dict(plan.left_out) for plan in plans if plan.left_out},
    }
