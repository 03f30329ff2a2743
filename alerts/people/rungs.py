"""Ladders between their rows and what is known of them: what became of each notice, what the person did."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from alerts.people.ladder import Facts, Fate, Ladder, Rung, State
from storage.records import ladders, people
from storage.records.ladders import LadderRow
from storage.records.rows import IncidentRow

UNANSWERED: Final = ("detected", "verified")
"""States of an incident that nobody has taken on."""

_FATES: Final[dict[str, Fate]] = {
    "queued": "queued",
    "waiting": "queued",
    "sending": "sent",
    "accepted": "accepted",
    "delivered": "delivered",
    "failed": "failed",
    "gone": "failed",
}
_STATES: Final[dict[str, State]] = {
    "waiting": "waiting",
    "climbing": "climbing",
    "reached": "reached",
    "acted": "acted",
    "exhausted": "exhausted",
    "ended": "ended",
}


def ladder_row(
    incident: IncidentRow, step: int, person: str, ladder: Ladder, begun: int, at: int, why: str
) -> LadderRow:
    """The row of a ladder."""
    ways = msgspec.json.encode({"rungs": ladder.rungs, "together": ladder.together}).decode()
    state, due = ladder.state, ladder.due
    return LadderRow(incident.id, incident.round, step, person, ways, ladder.tried, state, due, begun, at, why)


class _Ways(msgspec.Struct):
    rungs: tuple[Rung, ...]
    together: bool = False


def ladder_of(row: LadderRow) -> Ladder:
    """The ladder that a row tells of."""
    ways = msgspec.json.decode(row.ways, type=_Ways)
    return Ladder(ways.rungs, row.rung, _STATES[row.state], row.due, ways.together)


def facts_of(tx: Connection, row: LadderRow, incident: IncidentRow, logins: Collection[str] = ()) -> Facts:
    """What is known of a ladder now; `logins` are the names under which the person acts."""
    ladder = ladder_of(row)
    to = [(rung.receiver, rung.address) for rung in ladder.rungs]
    found = ladders.notices(tx, row.incident, to, row.begun)
    read, acted = people.opened(tx, row.incident).get(row.person, (None, None))
    mine = incident.acknowledged_by is not None and incident.acknowledged_by in logins
    ended = not incident.open or incident.round != row.round or incident.state not in UNANSWERED
    return Facts(
        tuple(fate_of(found, rung) for rung in ladder.rungs),
        read is not None and read >= row.begun,
        mine or (acted is not None and acted >= row.begun),
        ended,
    )


def fate_of(notices: Sequence[Row[Any]], rung: Rung) -> Fate:
    """What became of the newest notice to a way; a try that failed but is made again is still under way."""
    own = [each for each in notices if each.receiver == rung.receiver and each.address == rung.address]
    if not own:
        return "none"
    newest = own[-1]
    tried_before = newest.state in ("queued", "waiting") and newest.attempts > 0
    return "sent" if tried_before else _FATES[newest.state]
