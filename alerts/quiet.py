"""Why nobody is told of an incident now: it is silenced, or something above it speaks for it."""

from typing import Final

from sqlalchemy import Connection

from alerts.grouping import inhibitor, matter_of
from alerts.rounds import NOBODY
from alerts.silences import silenced, words_of, words_of_incident
from storage.records import alerts
from storage.records.rows import AlertRow, IncidentRow

UNTOLD: Final = "nobody was told of it"


def quiet_of(tx: Connection, row: IncidentRow, at: int) -> str:
    """Why nobody hears news of the incident at `at` (epoch ms); empty when they may.

    What counts is what people do not know: alerts worse than they were told, or all of them when there are none.
    """
    active = [each for each in alerts.of_incident(tx, row.id) if each.condition != "cleared"]
    unknown = [each for each in active if each.level < row.told_level] or active
    if not unknown:
        return silenced(tx, words_of_incident(row), row.level, at)
    reasons = [_quiet_alert(tx, each, at) for each in unknown]
    return reasons[0] if all(reasons) else ""


def untold(row: IncidentRow) -> str:
    """Why nobody need hear how it goes on; empty when somebody knows of it."""
    return UNTOLD if row.told_level == NOBODY else ""


def _quiet_alert(tx: Connection, alert: AlertRow, at: int) -> str:
    matter = matter_of(tx, alert)
    if why := inhibitor(tx, alert, matter):
        return f"inhibited: {why}"
    return silenced(tx, words_of(alert, matter), alert.level, at)
