"""What the stages pass on: one change of one alert on its way into an incident and to people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sqlalchemy import Connection

from alerts.grouping import Matter
from alerts.pipeline import Occasion, Plan
from hub.alert import AlertTransition
from storage.records.rows import AlertRow, IncidentRow

What = Literal["fired", "changed", "cleared"]


@dataclass(frozen=True, slots=True)
class Work:
    """One change of one alert.

    `before` is the condition it had; `quiet` is why nobody is told news of it (inhibited or silenced), empty when
    everybody may be. `row` is the incident it belongs to, or is about to open (`opens`); `values` what changes of it,
    `kind` the word of its log, `occasions` why people might be told, `plans` who is. `timers` are set in the end, those
    with None taken away.
    """

    what: What
    alert: AlertRow
    before: str | None
    transition: AlertTransition
    recorded: int
    matter: Matter
    quiet: str = ""
    row: IncidentRow | None = None
    opens: bool = False
    kind: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    occasions: tuple[Occasion, ...] = ()
    plans: tuple[Plan, ...] = ()
    timers: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def incident(self) -> IncidentRow:
        """The incident, which stage `group` has found."""
        if self.row is None:
            raise LookupError("stage group has not found an incident")
        return self.row


class Stage(Protocol):
    """One stage of the way from an alert to people; it reads the records, and only the last one writes."""

    def apply(self, tx: Connection, work: Work) -> Work:
        """The work after this stage."""
