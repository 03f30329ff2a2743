"""Ladders as rows: how far the ways of one person were tried in one step of one incident's plan."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from storage.records.tables import ladder, notification

LIVE: Final = ("waiting", "climbing")
"""States in which something is still to come."""


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One ladder: `ways` JSON text, `rung` the way tried last (-1 none), `due` when the next is (epoch ms)."""

    incident: str
    round: int
    step: int
    person: str
    ways: str
    rung: int
    state: str
    due: int | None
    begun: int
    changed: int
    why: str = ""


def put(tx: Connection, row: LadderRow) -> None:
    """Write it down as it stands."""
    values = {name: getattr(row, name) for name in LadderRow.__dataclass_fields__}
    if not tx.execute(update(ladder).where(*_key(row)).values(values)).rowcount:
        tx.execute(insert(ladder), values)


def get(tx: Connection, incident: str, round_: int, step: int, person: str) -> LadderRow | None:
    """The ladder, None when there is none."""
    found = tx.execute(
        select(ladder).where(
            ladder.c.incident == incident,
            ladder.c.round == round_,
            ladder.c.step == step,
            ladder.c.person == person,
        )
    ).one_or_none()
    return None if found is None else LadderRow(*found)


def of(tx: Connection, incident: str) -> list[LadderRow]:
    """The ladders of an incident in the order they were begun."""
    query = select(ladder).where(ladder.c.incident == incident)
    order = (ladder.c.round, ladder.c.step, ladder.c.begun, ladder.c.person)
    return [LadderRow(*row) for row in tx.execute(query.order_by(*order))]


def live(tx: Connection, incident: str) -> list[LadderRow]:
    """Those of an incident on which something is still to come."""
    return [row for row in of(tx, incident) if row.state in LIVE]


def waiting(tx: Connection, person: str, due: int) -> list[LadderRow]:
    """Those of a person that wait for the same moment (epoch ms) or an earlier one."""
    query = select(ladder).where(ladder.c.person == person, ladder.c.state == "waiting", ladder.c.due <= due)
    return [LadderRow(*row) for row in tx.execute(query.order_by(ladder.c.begun, ladder.c.incident))]


def notices(tx: Connection, incident: str, to: list[tuple[str, str]], since: int) -> list[Row[Any]]:
    """Notices of the incident to these (receiver, address) that were written at `since` (epoch ms) or later, oldest first."""
    if not to:
        return []
    pairs = or_(*(and_(notification.c.receiver == one, notification.c.address == two) for one, two in to))
    query = select(notification).where(notification.c.incident == incident, notification.c.created >= since, pairs)
    return list(tx.execute(query.order_by(notification.c.id)))


def _key(row: LadderRow) -> tuple[Any, ...]:
    return (
        ladder.c.incident == row.incident,
        ladder.c.round == row.round,
        ladder.c.step == row.step,
        ladder.c.person == row.person,
    )
