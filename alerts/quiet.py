"""Why nobody is told of an incident now: it is silenced, or something above it speaks for it."""

from sqlalchemy import Connection

from alerts.grouping import inhibitor, matter_of
from alerts.rounds import NOBODY
from alerts.silences import silenced, words_of_incident
from storage.records import alerts
from storage.records.rows import IncidentRow

UNTOLD = "nobody was told of it"


def quiet_of(tx: Connection, row: IncidentRow, at: int) -> str:
    """Why nobody hears news of the incident at `at` (epoch ms); empty when they may."""
    if why := silenced(tx, words_of_incident(row), row.level, at):
        return why
    members = [
        each for each in alerts.of_incident(tx, row.id) if each.condition != "cleared" and each.level <= row.level
    ]
    reasons = [inhibitor(tx, each, matter_of(tx, each)) for each in members]
    return f"inhibited: {reasons[0]}" if reasons and all(reasons) else ""


def untold(row: IncidentRow) -> str:
    """Why nobody need hear how it goes on; empty when somebody knows of it."""
    return UNTOLD if row.told_level == NOBODY else ""
