"""Alerts and incidents as the tables hold them, column by column; times epoch ms."""

from dataclasses import dataclass

from hub.alert import Target
from storage.records.chain import START


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One row of the table `alert`; `recorded` is when we last wrote it, `evidence` JSON text."""

    id: str
    n: int
    rule: str
    rule_version: int
    department: str
    kind: str
    device: str
    property: str | None
    level: int
    max_level: int
    condition: str
    breach_start: int
    fired: int | None
    cleared: int | None
    value: float | None
    limit: float | None
    unit: str
    coverage: float | None
    backfilled: bool
    text: str
    at: int
    received: int
    recorded: int
    incident: str | None
    evidence: str
    log_hash: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One row of the table `incident`; `told_level` is the worst level people were told of in this round."""

    id: str
    number: str
    day: int
    day_n: int
    group_key: str
    department: str
    kind: str
    device: str
    property: str | None
    level: int
    max_level: int
    told_level: int
    opened: int
    changed: int
    state: str = "detected"
    open: bool = True
    round: int = 1
    version: int = 0
    acknowledged: int | None = None
    acknowledged_by: str | None = None
    closed: int | None = None
    closed_by: str | None = None
    verdict: str | None = None
    reason: str = ""
    log_seq: int = 0
    log_hash: str = START


def target_of(row: AlertRow | IncidentRow) -> Target:
    """What it is about."""
    return Target(row.department, row.kind, row.device, row.property)
