"""Alerts, incidents and deliveries as the outside sees them; times are epoch ms until `wire` writes them."""

from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Row

from alerts.clocks import ClockState
from alerts.contracts import Contract, Facts, judge, missing
from hub.clock import rfc3339
from storage.records.attached import AttachedRow
from storage.records.rows import AlertRow, IncidentRow
from storage.records.silences import SilenceRow

V = TypeVar("V", bound=msgspec.Struct)

TIMES: Final = frozenset(
    (
        *("breach_start", "fired", "cleared", "opened", "changed", "acknowledged", "closed", "at", "recorded"),
        *("received", "created", "next_action_at", "done", "begun", "ended", "captured", "added", "by", "met"),
        *("verify_by", "ack_by", "arrive_by", "solve_by", "verified", "dispatched", "arrived", "delivered", "solved"),
        *("ack_until", "watch_until", "reopen_until", "starts", "ends"),
    )
)
"""The keys whose integers are times."""


class TargetView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an alert is about; without `property` the whole device."""

    department: str
    kind: str
    device: str
    property: str | None = None


class RuleRef(msgspec.Struct, frozen=True):
    """The rule and the version that judged."""

    id: str
    version: int


class AlertView(msgspec.Struct, frozen=True):
    """One alert: facts, which only machines change."""

    id: str
    rule: RuleRef
    target: TargetView
    level: int
    condition: str
    breach_start: int
    fired: int | None
    cleared: int | None
    value: float | None
    limit: float | None
    unit: str
    coverage: float | None
    backfilled: bool
    evidence: list[Any]
    incident: str | None


class IncidentView(msgspec.Struct, frozen=True):
    """One incident: the work on the alerts of one place and cause; `version` is what `If-Match` compares.

    `target` is that of the alert that opened it, `count` how many alerts it has, `root` the incident it was merged into.
    """

    id: str
    number: str
    target: TargetView
    state: str
    level: int
    max_level: int
    round: int
    version: int
    opened: int
    changed: int
    acknowledged: int | None
    acknowledged_by: str | None
    closed: int | None
    closed_by: str | None
    verdict: str | None
    reason: str
    source: str
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
    verify_by: int | None
    ack_by: int | None
    arrive_by: int | None
    solve_by: int | None
    verified: int | None
    dispatched: int | None
    arrived: int | None
    delivered: int | None
    solved: int | None
    ack_until: int | None
    watch_until: int | None
    reopen_until: int | None


class EntryView(msgspec.Struct, frozen=True):
    """One line of an incident's log; `before` and `after` are its state, `after` with what happened."""

    seq: int
    at: int
    recorded: int
    actor: str
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    prev_hash: str
    hash: str


class AttemptView(msgspec.Struct, frozen=True):
    """One try to deliver a notice, with the vendor's own words."""

    attempt: int
    begun: int
    ended: int | None
    status: str
    code: int | None
    answer: str
    vendor_id: str


class DeliveryView(msgspec.Struct, frozen=True):
    """One notice to one recipient and every try to deliver it."""

    id: int
    receiver: str
    channel: str
    address: str
    type: str
    alert: str | None
    state: str
    maybe_duplicate: bool
    created: int
    next_action_at: int
    done: int | None
    answer: str
    attempts: list[AttemptView]


class AttachedView(msgspec.Struct, frozen=True):
    """One piece of evidence of an incident: what it is, who added it, when and where it was taken."""

    sha256: str
    kind: str
    role: str
    media_type: str
    size: int
    captured: int | None
    lon: float | None
    lat: float | None
    device: str
    added_by: str
    added: int
    person: bool


class ItemView(msgspec.Struct, frozen=True):
    """One item of a closing contract, and what is missing of it."""

    kind: str
    satisfied: bool
    missing: list[str]


class ContractView(msgspec.Struct, frozen=True):
    """A closing contract as it stands; `missing` names all that is lacking."""

    satisfied: bool
    missing: list[str]
    items: list[ItemView]
    watch_minutes: float
    reopen_minutes: float


class ClockView(msgspec.Struct, frozen=True):
    """One clock: until when, when it was met, whether that was too late, and the seconds left (below 0 when late)."""

    name: str
    by: int
    met: int | None
    missed: bool
    remaining_s: float | None


class NextView(msgspec.Struct, frozen=True):
    """What happens by itself, and when."""

    name: str
    at: int


class IncidentDetail(msgspec.Struct, frozen=True):
    """An incident with everything that belongs to it; `merged` are the numbers of those merged into it."""

    incident: IncidentView
    alerts: list[AlertView]
    log: list[EntryView]
    deliveries: list[DeliveryView]
    evidence: list[AttachedView]
    contract: ContractView
    clocks: list[ClockView]
    next: list[NextView]
    merged: list[str]


def alert_view(row: AlertRow) -> AlertView:
    """The alert in a row of the table `alert`."""
    own = {"rule": RuleRef(row.rule, row.rule_version), "target": _target(row)}
    return _view(AlertView, row, {**own, "evidence": msgspec.json.decode(row.evidence)})


def incident_view(row: IncidentRow) -> IncidentView:
    """The incident in a row of the table `incident`."""
    return _view(IncidentView, row, {"target": _target(row)})


def entry_view(row: Row[Any]) -> EntryView:
    """The log line in a row of the table `incident_log`."""
    decode = msgspec.json.decode
    return _view(EntryView, row, {"before": decode(row.before), "after": decode(row.after)})


def delivery_view(row: Row[Any], attempts: list[Row[Any]]) -> DeliveryView:
    """The notice in a row of the table `notification`, with its attempts."""
    return _view(DeliveryView, row, {"attempts": [_view(AttemptView, attempt, {}) for attempt in attempts]})


def attached_view(row: AttachedRow) -> AttachedView:
    """The evidence in a row of the table `incident_evidence`."""
    return _view(AttachedView, row, {"person": row.evidence.person})


def contract_view(contract: Contract, facts: Facts) -> ContractView:
    """A contract as it stands by the facts."""
    items = [ItemView(each.item.kind, each.satisfied, list(each.missing)) for each in judge(contract, facts)]
    lacks = list(missing(contract, facts))
    return ContractView(not lacks, lacks, items, contract.watch_minutes, contract.reopen_minutes)


def clock_view(state: ClockState) -> ClockView:
    """A clock of an incident."""
    left = None if state.remaining_ms is None else state.remaining_ms / 1000
    return ClockView(state.name, state.by, state.met, state.missed, left)


class SilenceView(msgspec.Struct, frozen=True):
    """One silence; `active` while it keeps something quiet."""

    id: str
    owner: str
    reason: str
    matcher: dict[str, str]
    level: int
    starts: int
    ends: int
    created: int
    ended: int | None
    ended_by: str | None
    active: bool


def silence_view(row: SilenceRow, at: int) -> SilenceView:
    """The silence in a row of the table `silence`, as it stands at `at` (epoch ms)."""
    active = row.ended is None and row.starts <= at < row.ends
    return _view(SilenceView, row, {"matcher": row.words, "active": active})


def wire(view: object, zone: ZoneInfo) -> Any:
    """The view as plain JSON values, its times in RFC 3339 with the zone's offset."""
    return _timed(msgspec.to_builtins(view), zone)


def _timed(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, list):
        return [_timed(item, zone) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: rfc3339(item, zone) if key in TIMES and isinstance(item, int) else _timed(item, zone)
        for key, item in value.items()
    }


def _target(row: AlertRow | IncidentRow) -> TargetView:
    return TargetView(row.department, row.kind, row.device, row.property)


def _view(kind: type[V], row: object, own: dict[str, Any]) -> V:
    return kind(**{name: own[name] if name in own else getattr(row, name) for name in kind.__struct_fields__})
