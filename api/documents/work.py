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


State = Literal[
    "detected",
    "verified",
    "acknowledged",
    "dispatched",
    "on_site",
    "verifying",
    "solved",
    "closed",
    "rejected",
    "self_cleared",
    "merged",
]


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
    """The work on the alerts of one place and cause; `version` is its ETag, `target` that of the alert that opened it."""

    id: str
    number: str
    target: Target
    state: State
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
    source: Literal["alert", "report"]
    type: str
    text: str
    area: str | None
    lon: float | None
    lat: float | None
    root: str | None
    owner: str | None
    owner_kind: str | None
    cause_code: str | None
    resolution: str
    count: int
    latched: bool
    overridden: bool
    verify_by: Time | None
    ack_by: Time | None
    arrive_by: Time | None
    solve_by: Time | None
    verified: Time | None
    dispatched: Time | None
    arrived: Time | None
    delivered: Time | None
    solved: Time | None
    ack_until: Time | None
    watch_until: Time | None
    reopen_until: Time | None


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


class Attached(Shape):
    """One piece of evidence of an incident; its bytes are at `/v1/evidence/{sha256}`."""

    sha256: str
    kind: str
    role: str
    media_type: str
    size: int
    captured: Time | None
    lon: float | None
    lat: float | None
    device: str
    added_by: str
    added: Time
    person: bool


class ContractItem(Shape):
    """One item of a closing contract, and what is missing of it."""

    kind: str
    satisfied: bool
    missing: list[str]


class ClosingContract(Shape):
    """What must be so before the incident is solved, as it stands."""

    satisfied: bool
    missing: list[str]
    items: list[ContractItem]
    watch_minutes: float
    reopen_minutes: float


class ClockOf(Shape):
    """One clock: until when, when it was met, whether that was too late, seconds left (below 0: late)."""

    name: Literal["verify", "ack", "arrive", "solve"]
    by: Time
    met: Time | None
    missed: bool
    remaining_s: float | None


class NextAction(Shape):
    """What happens by itself, and when."""

    name: str
    at: Time


class IncidentWhole(Incident):
    """An incident with all that belongs to it; `merged` are the numbers of those merged into it."""

    alerts: list[Alert]
    log: list[LogEntry]
    deliveries: list[Delivery]
    evidence: list[Attached]
    contract: ClosingContract
    clocks: list[ClockOf]
    next: list[NextAction]
    merged: list[str]


class SilenceEntry(Shape):
    """A silence: who asked for quiet about what, why and until when; `ended` once it is over."""

    id: str
    owner: str
    reason: str
    matcher: dict[str, str]
    level: int
    starts: Time
    ends: Time
    created: Time
    ended: Time | None
    ended_by: str | None
    active: bool
