"""What a case says of one incident, read from the records in one view: rows as they stand there, times UTC epoch ms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from storage.records import alerts, attached, incidents, notices
from storage.records.tables import alert_transition, incident_log

_PIECE: Final = 500
_ALERTS: Final = 200
"""Alerts whose transitions are asked for at once."""
_NOTICE: Final = (
    *("id", "receiver", "channel", "address", "type", "alert", "state", "maybe_duplicate", "created"),
    *("next_action_at", "done", "answer"),
)
_ATTEMPT: Final = ("attempt", "begun", "ended", "status", "code", "answer", "vendor_id")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything of an incident that fits in memory; its log and transitions are read on while they are written."""

    incident: dict[str, Any]
    alerts: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    evidence: list[dict[str, Any]]

    @property
    def station(self) -> str:
        """Where it is: `department/kind/device`."""
        row = self.incident
        return f"{row['department']}/{row['kind']}/{row['device']}"

    @property
    def number(self) -> str:
        """The incident's number, which people know it by."""
        return str(self.incident["number"])

    @property
    def people(self) -> bool:
        """Whether a piece of evidence may show people."""
        return any(
            one.get("person") or msgspec.json.decode(one.get("body") or "{}").get("person") for one in self.evidence
        )

    def spans(self) -> tuple[int, int]:
        """From the first breach, or the opening, to the last change of any of its alerts, epoch ms."""
        own = (self.incident["opened"], self.incident["opened"])
        starts = [one["breach_start"] for one in self.alerts] or [own[0]]
        ends = [one["at"] for one in self.alerts] or [own[1]]
        return min(*starts, own[0]), max(*ends, own[1])


def gather(tx: Connection, incident_id: str) -> Gathered | None:
    """The incident with this id or number, None when there is none."""
    row = incidents.get(tx, incident_id)
    if row is None:
        return None
    facts = [msgspec.to_builtins(one) for one in alerts.of_incident(tx, row.id)]
    pieces = [msgspec.to_builtins(one) for one in attached.of(tx, row.id)]
    return Gathered(msgspec.to_builtins(row), facts, list(_deliveries(tx, row.id)), _evidence(pieces, facts))


def log(tx: Connection, incident: str) -> Iterator[dict[str, Any]]:
    """The incident's log, entry by entry."""
    query = select(incident_log).where(incident_log.c.incident == incident).order_by(incident_log.c.seq)
    for row in tx.execution_options(yield_per=_PIECE).execute(query):
        yield _plain(row)


def transitions(tx: Connection, gathered: Gathered) -> Iterator[dict[str, Any]]:
    """The logs of its alerts, one alert after the other."""
    known = [one["id"] for one in gathered.alerts]
    table = alert_transition
    for begin in range(0, len(known), _ALERTS):
        query = (
            select(table).where(table.c.alert.in_(known[begin : begin + _ALERTS])).order_by(table.c.alert, table.c.n)
        )
        for row in tx.execution_options(yield_per=_PIECE).execute(query):
            yield _plain(row)


def _deliveries(tx: Connection, incident: str) -> Iterator[dict[str, Any]]:
    sent = notices.of_incident(tx, incident)
    for begin in range(0, len(sent), _PIECE):
        some = sent[begin : begin + _PIECE]
        tries = notices.attempts(tx, [each.id for each in some])
        for each in some:
            attempts = [{name: getattr(one, name) for name in _ATTEMPT} for one in tries[each.id]]
            text = msgspec.json.decode(each.body).get("text", "")
            yield {name: getattr(each, name) for name in _NOTICE} | {"text": text, "attempts": attempts}


def _evidence(pieces: list[dict[str, Any]], facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is attached to the incident, and what its alerts show that is not, each piece once."""
    found = {str(one["sha256"]): one for one in pieces}
    for fact in facts:
        for piece in msgspec.json.decode(fact["evidence"]):
            if isinstance(piece, Mapping) and "sha256" in piece:
                found.setdefault(str(piece["sha256"]), {**piece, "alert": fact["id"]})
    return list(found.values())


def _plain(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row's mapping
