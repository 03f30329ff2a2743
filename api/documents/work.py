"""Shapes of alerts, incidents and who was told."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from api.documents.shape import Shape, Time


class RuleRef(Shape):
    """The rule and the version that judged."""

    id: str
    version: int


class Target(BaseModel):
    """What an alert or incident is about; without `property` the whole device."""

    model_config = ConfigDict(extra="forbid")
    department: str
    kind: str
    device: str
    property: str | None = None


class Alert(Shape):
    """One rule on one target."""

    id: str
    rule: RuleRef
    target: Target
    level: int
    condition: Literal["pending", "active", "clearing", "cleared", "unknown"]
    breach_start: Time
    fired: Time | None
    cleared: Time | None
    value: float | None
    limit: float | None
    unit: str
    coverage: float | None
    backfilled: bool
    evidence: list[Any]
    incident: str | None


class Incident(Shape):
    """The work on the alerts of one target; `version` is its ETag."""

    id: str
    number: str
    target: Target
    state: Literal["detected", "acknowledged", "closed", "rejected"]
    level: int
    max_level: int
    round: int
    version: int
    opened: Time
    changed: Time
    acknowledged: Time | None
    acknowledged_by: str | None
    closed: Time | None
    closed_by: str | None
    verdict: str | None
    reason: str


class LogEntry(Shape):
    """One line of an incident's log, chained by hash to the one before."""

    seq: int
    at: Time
    recorded: Time
    actor: str
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    prev_hash: str
    hash: str


class Attempt(Shape):
    """One try to deliver a notice."""

    attempt: int
    begun: Time
    ended: Time | None
    status: str
    code: int | None
    answer: str
    vendor_id: str


class Delivery(Shape):
    """One notice to one recipient."""

    id: int
    receiver: str
    channel: str
    address: str
    type: str
    alert: str | None
    state: str
    maybe_duplicate: bool
    created: Time
    next_action_at: Time
    done: Time | None
    answer: str
    attempts: list[Attempt]


class IncidentWhole(Incident):
    """An incident with its alerts, log and deliveries."""

    alerts: list[Alert]
    log: list[LogEntry]
    deliveries: list[Delivery]
