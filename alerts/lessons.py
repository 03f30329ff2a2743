"""What an officer says of an incident is a word on what its cameras found: the patrol learns from it."""

from typing import Final

from sqlalchemy import Connection

from alerts.facts import CAMERA
from alerts.grouping import EVENT
from storage.records import alerts
from storage.records.patrol import events, learning
from storage.records.patrol.events import StoredEvent
from storage.records.rows import AlertRow

VERDICTS: Final = {"verified": "confirmed", "rejected": "rejected"}
"""The patrol's verdict by the word of the incident's log."""


def teach(tx: Connection, incident: str, kind: str, *, by: str, at: int, reason: str = "") -> int:
    """Label the cameras' events of an incident (its id) as the log's word `kind` says; how many were.

    Who verifies an incident does not look at each event: what was said of one before stands. A false alarm is all of it.
    """
    verdict = VERDICTS.get(kind)
    if verdict is None:
        return 0
    found = [event for alert in alerts.of_incident(tx, incident) for event in _events(tx, alert, at)]
    meant = [event for event in found if kind == "rejected" or event.verdict is None]
    for event in meant:
        learning.put_label(tx, learning.example(event, verdict, by=by, at=at, reason=reason))
    return len(meant)


def _events(tx: Connection, alert: AlertRow, at: int) -> list[StoredEvent]:
    """The events that an alert was made of: from the one that opened it to its end, or to now."""
    if alert.kind != CAMERA or not alert.rule.startswith(EVENT):
        return []
    station = f"{alert.department}/{alert.kind}/{alert.device}"
    end = at if alert.cleared is None else alert.cleared
    return events.begun(tx, station, alert.rule.removeprefix(EVENT), alert.breach_start, end)
