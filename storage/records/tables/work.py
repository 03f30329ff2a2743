"""The facts and the work: alerts, incidents and their logs."""

from typing import Final

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from storage.records.tables.schema import metadata, moment, words

incident: Final = Table(
    "incident",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("day", Integer, nullable=False),
    Column("day_n", Integer, nullable=False),
    Column("group_key", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("property", Text),
    Column("level", Integer, nullable=False),
    Column("max_level", Integer, nullable=False),
    Column("told_level", Integer, nullable=False),  # the worst level people were told of in this round
    moment("opened"),
    moment("changed"),
    Column("state", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("round", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    moment("acknowledged", nullable=True),
    Column("acknowledged_by", Text),
    moment("closed", nullable=True),
    Column("closed_by", Text),
    Column("verdict", Text),
    words("reason"),
    Column("log_seq", Integer, nullable=False),
    Column("log_hash", Text, nullable=False),
    words("source", default="alert"),  # alert, or report: a person told of it
    words("type"),  # what it is: exceedance, silence, debris, ...
    words("text"),
    Column("area", Text),
    Column("lon", Double),
    Column("lat", Double),
    Column("root", Text),  # what it was merged into
    Column("owner", Text),
    Column("owner_kind", Text),  # person or unit
    Column("cause_code", Text),
    words("resolution"),
    words("plan", default="{}"),  # the escalation plan as it was at the opening
    Column("step", Integer, nullable=False, server_default=text("0")),
    words("contract", default="{}"),  # the closing contract as it was at the opening
    moment("began", nullable=True),  # when this round of the work began
    Column("count", Integer, nullable=False, server_default=text("0")),  # alerts that belong to it
    Column("latched", Boolean, nullable=False, server_default=text("false")),
    Column("overridden", Boolean, nullable=False, server_default=text("false")),
    *(moment(name, nullable=True) for name in ("verify_by", "ack_by", "arrive_by", "solve_by")),
    *(moment(name, nullable=True) for name in ("verified", "dispatched", "arrived", "delivered", "solved")),
    *(moment(name, nullable=True) for name in ("ack_until", "watch_until", "reopen_until", "retention_until")),
    Index(
        "uq_incident_open_target", "group_key", unique=True, sqlite_where=text("open"), postgresql_where=text("open")
    ),
    Index("ix_incident_opened", "opened", "id"),
    Index("ix_incident_changed", "changed", "id"),
    Index("ix_incident_open", "level", "opened", "id", sqlite_where=text("open"), postgresql_where=text("open")),
    Index("ix_incident_day", "day", "day_n", unique=True),
    Index("ix_incident_place", "department", "device", "opened"),
    Index("ix_incident_group", "group_key", "opened"),
    Index("ix_incident_root", "root"),
    Index("ix_incident_open_first", "open", "opened", "id"),
)

alert: Final = Table(
    "alert",
    metadata,
    Column("id", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("department", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("property", Text),
    Column("level", Integer, nullable=False),
    Column("max_level", Integer, nullable=False),
    Column("condition", Text, nullable=False),
    moment("breach_start"),
    moment("fired", nullable=True),
    moment("cleared", nullable=True),
    Column("value", Double),
    Column("limit", Double),
    words("unit"),
    Column("coverage", Double),
    Column("backfilled", Boolean, nullable=False),
    words("text"),
    moment("at"),
    moment("received"),
    moment("recorded"),
    Column("incident", Text, ForeignKey("incident.id")),
    words("evidence", default="[]"),
    Column("log_hash", Text, nullable=False),
    Index("ix_alert_time", "breach_start", "id"),
    Index("ix_alert_place", "department", "device", "breach_start"),
    Index("ix_alert_incident", "incident"),
    Index("ix_alert_target", "department", "kind", "device", "property", "fired"),
    Index(
        "ix_alert_open",
        "level",
        "breach_start",
        "id",
        sqlite_where=text("condition <> 'cleared'"),
        postgresql_where=text("condition <> 'cleared'"),
    ),
)

alert_transition: Final = Table(
    "alert_transition",
    metadata,
    Column("alert", Text, ForeignKey("alert.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("body", Text, nullable=False),  # hub.alert.AlertTransition as it came
    moment("recorded"),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("alert", "n"),
)

incident_log: Final = Table(
    "incident_log",
    metadata,
    Column("incident", Text, ForeignKey("incident.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    moment("at"),
    moment("recorded"),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    words("reason"),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("incident", "seq"),
)

incident_evidence: Final = Table(
    "incident_evidence",
    metadata,
    Column("incident", Text, ForeignKey("incident.id"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("kind", Text, nullable=False),
    words("role"),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    moment("captured", nullable=True),
    Column("lon", Double),
    Column("lat", Double),
    words("device"),
    Column("added_by", Text, nullable=False),
    moment("added"),
    Column("locked", Boolean, nullable=False, server_default=text("true")),  # also when the incident has ended
    Column("body", Text, nullable=False),  # hub.evidence.Evidence as JSON
    PrimaryKeyConstraint("incident", "sha256"),
    Index("ix_incident_evidence_sha256", "sha256"),
)

incident_timer: Final = Table(
    "incident_timer",
    metadata,
    Column("incident", Text, nullable=False),  # empty for what is about no incident
    Column("name", Text, nullable=False),  # the handler's, then if need be a colon and what tells two of them apart
    moment("at"),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("incident", "name"),
    Index("ix_incident_timer_at", "at", "incident", "name"),
)

silence: Final = Table(
    "silence",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("matcher", Text, nullable=False),  # JSON: word -> shell pattern
    Column("level", Integer, nullable=False),  # the worst level that is kept quiet
    moment("starts"),
    moment("ends"),
    moment("created"),
    moment("ended", nullable=True),  # when its end was carried out, by time or by hand
    Column("ended_by", Text),
    Index("ix_silence_ends", "ends"),
)
