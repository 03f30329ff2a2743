"""What the records know of an incident, as its closing contract looks at it."""

from typing import Final

from sqlalchemy import Connection

from alerts.contracts import Facts, Shown
from alerts.practice import Practice
from storage.records import alerts, attached
from storage.records.patrol import coverage
from storage.records.rows import AlertRow, IncidentRow

CAMERA: Final = "camera"
"""The kind of device whose findings are the patrol's."""


def facts_of(tx: Connection, row: IncidentRow, practice: Practice, at: int) -> Facts:
    """The facts at `at` (epoch ms)."""
    rows = alerts.of_incident(tx, row.id)
    pieces = attached.of(tx, row.id)
    began = row.opened if row.began is None else row.began
    cleared = {each.id: (each.cleared or each.at) if each.condition == "cleared" else None for each in rows}
    since = max((time for time in cleared.values() if time is not None), default=began)
    return Facts(
        now=at,
        began=began,
        cleared=cleared,
        evidence=tuple(Shown(each.kind, each.role, each.captured, each.added, each.lon, each.lat) for each in pieces),
        lon=row.lon,
        lat=row.lat,
        text=row.resolution,
        cause_code=row.cause_code,
        blind_ms=_blind_ms(tx, rows, since, at),
        flaps=flaps_of(tx, row, practice, at) if row.latched else 0,
    )


def _blind_ms(tx: Connection, rows: list[AlertRow], since: int, at: int) -> int:
    """How much of the time since then the cameras that found it could not see the place; all of it where none found it."""
    cameras = {f"{each.department}/{each.kind}/{each.device}" for each in rows if each.kind == CAMERA}
    return max((coverage.unseen_ms(tx, each, since, at) for each in cameras), default=max(0, at - since))


def flaps_of(tx: Connection, row: IncidentRow, practice: Practice, at: int) -> int:
    """How often alerts of the incident fired within the time that counts for flapping."""
    return alerts.fired_since(tx, row.id, at - practice.numbers.chatter_s * 1000)
