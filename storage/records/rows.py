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
    """One row of the table `incident`; `told_level` is the worst level people were told of in this round, 5 for none.

    `plan` and `contract` are JSON as copied at the opening; `*_by` are the clocks, the words without it when each was met.
    """

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
    source: str = "alert"
    type: str = ""
    text: str = ""
    area: str | None = None
    lon: float | None = None
    lat: float | None = None
    root: str | None = None
    owner: str | None = None
    owner_kind: str | None = None
    cause_code: str | None = None
    resolution: str = ""
    plan: str = "{}"
    step: int = 0
    contract: str = "{}"
    began: int | None = None
    count: int = 0
    latched: bool = False
    overridden: bool = False
    verify_by: int | None = None
    ack_by: int | None = None
    arrive_by: int | None = None
    solve_by: int | None = None
    verified: int | None = None
    dispatched: int | None = None
    arrived: int | None = None
    delivered: int | None = None
    solved: int | None = None
    ack_until: int | None = None
    watch_until: int | None = None
    reopen_until: int | None = None
    retention_until: int | None = None


def target_of(row: AlertRow | IncidentRow) -> Target:
    """What it is about."""
    return Target(row.department, row.kind, row.device, row.property)
