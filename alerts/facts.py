"""What the records know of an incident, as its closing contract looks at it."""

from sqlalchemy import Connection

from alerts.contracts import Facts, Shown
from alerts.practice import Practice
from storage.records import alerts, attached
from storage.records.rows import IncidentRow


def facts_of(tx: Connection, row: IncidentRow, practice: Practice, at: int) -> Facts:
    """The facts at `at` (epoch ms)."""
    rows = alerts.of_incident(tx, row.id)
    pieces = attached.of(tx, row.id)
    return Facts(
        now=at,
        began=row.opened if row.began is None else row.began,
        cleared={each.id: (each.cleared or each.at) if each.condition == "cleared" else None for each in rows},
        evidence=tuple(Shown(each.kind, each.role, each.captured, each.added, each.lon, each.lat) for each in pieces),
        lon=row.lon,
        lat=row.lat,
        text=row.resolution,
        cause_code=row.cause_code,
        flaps=flaps_of(tx, row, practice, at) if row.latched else 0,
    )


def flaps_of(tx: Connection, row: IncidentRow, practice: Practice, at: int) -> int:
    """How often alerts of the incident fired within the time that counts for flapping."""
    return alerts.fired_since(tx, row.id, at - practice.numbers.chatter_s * 1000)
