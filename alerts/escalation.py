"""Who is told, step by step, until somebody takes an incident on: what a plan of escalation answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from alerts.pipeline import Receiver, addresses
from storage.records.notices import Recipient
from storage.records.rows import IncidentRow


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told now, and when (epoch ms) the step after this one is due, None when this is the last.

    `why` names, by receiver or person, those who are not told and the reason.
    """

    recipients: tuple[Recipient, ...] = ()
    next_at: int | None = None
    why: tuple[tuple[str, str], ...] = ()


class Escalation(Protocol):
    """Finds the people of an incident."""

    def plan_for(self, tx: Connection, incident: IncidentRow) -> dict[str, Any]:
        """The plan of an incident that is about to open, as JSON values; it is copied into the incident."""

    def step(self, tx: Connection, incident: IncidentRow, step: int, at: int) -> Step:
        """Whom step number `step` (from 0) of the incident's own copy of the plan tells at `at` (epoch ms)."""


class ByReceivers:
    """Without plans: everybody whom the settings' receivers name, at once and once."""

    def __init__(self, receivers: Iterable[Receiver]) -> None:
        self._people = tuple(to for each in receivers if each.people for to in addresses(each))

    def plan_for(self, tx: Connection, incident: IncidentRow) -> dict[str, Any]:
        """None: the settings hold as they are."""
        del tx, incident
        return {}

    def step(self, tx: Connection, incident: IncidentRow, step: int, at: int) -> Step:
        """Everybody in the first step, and there is no second."""
        del tx, incident, at
        return Step(self._people if step == 0 else ())
