"""Alerts, incidents and deliveries as the outside sees them; times are epoch ms until `wire` writes them."""

from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Row

from hub.clock import rfc3339
from storage.records.rows import AlertRow, IncidentRow

V = TypeVar("V", bound=msgspec.Struct)

TIMES: Final = frozenset(
    (
        *("breach_start", "fired", "cleared", "opened", "changed", "acknowledged", "closed", "at", "recorded"),
        *("received", "created", "next_action_at", "done", "begun", "ended"),
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
    """One incident: the work on the alerts of one target; `version` is what `If-Match` compares."""

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


class IncidentDetail(msgspec.Struct, frozen=True):
    """An incident with everything that belongs to it."""

    incident: IncidentView
    alerts: list[AlertView]
    log: list[EntryView]
    deliveries: list[DeliveryView]


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
