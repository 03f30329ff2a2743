"""The tables of the records database, the same on SQLite and PostgreSQL; every time is UTC epoch milliseconds."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up only columns declared INTEGER; both are 64 bits wide.
Big: Final = BigInteger().with_variant(Integer(), "sqlite")


def _words(name: str, *, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text(f"'{default}'"))


def _sequence(name: str) -> Column[int]:
    return Column(name, Big, primary_key=True, autoincrement=True)


def _time(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


meta: Final = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

department: Final = Table(
    "department", metadata, Column("id", Text, primary_key=True), _words("name_zh"), _words("name_en")
)

device: Final = Table(
    "device",
    metadata,
    Column("station", Text, primary_key=True),
    Column("department", Text, ForeignKey("department.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("body", Text, nullable=False),  # hub.catalogue.Device as JSON
    _time("changed"),
    Column("link", Text),  # "protocol identity" of a device that speaks a field protocol
    Index(None, "department", "kind"),
    Index("ix_device_link", "link", unique=True),
)

device_state: Final = Table(
    "device_state",
    metadata,
    Column("station", Text, primary_key=True),
    Column("state", Text, nullable=False),
    _time("time"),
    _time("received"),
)

rule: Final = Table(
    "rule",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("source", Text, nullable=False),  # file or api: who may take it away by leaving it out
    Column("file_hash", Text),  # content at the last sync, so that an edit by hand outlives an unchanged file
    _time("changed"),
    _time("removed", nullable=True),
)

rule_version: Final = Table(
    "rule_version",
    metadata,
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("body", Text, nullable=False),
    _time("at"),
    _words("actor"),
    PrimaryKeyConstraint("id", "version"),
)

catalogue_change: Final = Table(
    "catalogue_change",
    metadata,
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("body", Text, nullable=False),
    _time("at"),
    Column("published", Boolean, nullable=False),
    Index(
        "ix_catalogue_change_unpublished",
        "seq",
        sqlite_where=text("NOT published"),
        postgresql_where=text("NOT published"),
    ),
)

app_user: Final = Table(
    "app_user",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("department", Text),
    _time("created"),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("blocked_until", BigInteger, nullable=False, server_default=text("0")),
)

token: Final = Table(
    "token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("department", Text),
    Column("device", Text),
    _time("created"),
    _words("created_by"),
    _time("expires", nullable=True),
    _time("revoked", nullable=True),
)

session: Final = Table(
    "session",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("user_name", Text, ForeignKey("app_user.name"), nullable=False),
    Column("csrf", Text, nullable=False),
    _time("created"),
    _time("expires"),
    Index(None, "user_name"),
)

audit: Final = Table(
    "audit",
    metadata,
    _sequence("seq"),
    _time("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    _words("detail", default="{}"),
    Index(None, "object", "seq"),
    sqlite_autoincrement=True,
)

consumer_offset: Final = Table(
    "consumer_offset",
    metadata,
    Column("group_name", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("group_name", "topic", "part"),
)

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
    _time("opened"),
    _time("changed"),
    Column("state", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("round", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    _time("acknowledged", nullable=True),
    Column("acknowledged_by", Text),
    _time("closed", nullable=True),
    Column("closed_by", Text),
    Column("verdict", Text),
    _words("reason"),
    Column("log_seq", Integer, nullable=False),
    Column("log_hash", Text, nullable=False),
    Index(
        "uq_incident_open_target", "group_key", unique=True, sqlite_where=text("open"), postgresql_where=text("open")
    ),
    Index("ix_incident_opened", "opened", "id"),
    Index("ix_incident_open", "level", "opened", "id", sqlite_where=text("open"), postgresql_where=text("open")),
    Index("ix_incident_day", "day", "day_n", unique=True),
    Index("ix_incident_place", "department", "device", "opened"),
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
    _time("breach_start"),
    _time("fired", nullable=True),
    _time("cleared", nullable=True),
    Column("value", Double),
    Column("limit", Double),
    _words("unit"),
    Column("coverage", Double),
    Column("backfilled", Boolean, nullable=False),
    _words("text"),
    _time("at"),
    _time("received"),
    _time("recorded"),
    Column("incident", Text, ForeignKey("incident.id")),
    _words("evidence", default="[]"),
    Column("log_hash", Text, nullable=False),
    Index("ix_alert_time", "breach_start", "id"),
    Index("ix_alert_place", "department", "device", "breach_start"),
    Index("ix_alert_incident", "incident"),
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
    _time("recorded"),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("alert", "n"),
)

incident_log: Final = Table(
    "incident_log",
    metadata,
    Column("incident", Text, ForeignKey("incident.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    _time("at"),
    _time("recorded"),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    _words("reason"),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("incident", "seq"),
)

# Spelt as text in the queries too: neither engine's planner sees through bound values that a partial index applies.
UNFINISHED: Final = "state IN ('queued', 'sending', 'waiting')"

notification: Final = Table(
    "notification",
    metadata,
    _sequence("id"),
    Column("key", Text, nullable=False, unique=True),
    Column("incident", Text, ForeignKey("incident.id"), nullable=False),
    Column("alert", Text, ForeignKey("alert.id")),
    Column("receiver", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("type", Text, nullable=False),  # why they are told: incident.opened, alert.cleared, ...
    Column("lane", Text, nullable=False),  # one incident to one address: sent in order
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("maybe_duplicate", Boolean, nullable=False, server_default=text("false")),
    _time("created"),
    _time("next_action_at"),
    _time("done", nullable=True),
    _words("answer"),
    Index(
        "ix_notification_due", "next_action_at", "id", sqlite_where=text(UNFINISHED), postgresql_where=text(UNFINISHED)
    ),
    Index("ix_notification_lane", "lane", "id", sqlite_where=text(UNFINISHED), postgresql_where=text(UNFINISHED)),
    Index("ix_notification_incident", "incident", "id"),
    sqlite_autoincrement=True,
)

delivery: Final = Table(
    "delivery",
    metadata,
    Column("notification", Big, ForeignKey("notification.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    _time("begun"),
    _time("ended", nullable=True),
    Column("status", Text, nullable=False),  # sending, accepted, refused, failed, unsure
    Column("code", Integer),
    _words("answer"),
    _words("vendor_id"),
    PrimaryKeyConstraint("notification", "attempt"),
)

subscription: Final = Table(
    "subscription",
    metadata,
    Column("receiver", Text, nullable=False),
    Column("address", Text, nullable=False),
    _time("ended"),
    _words("answer"),
    PrimaryKeyConstraint("receiver", "address"),
)

dead_letter: Final = Table(
    "dead_letter",
    metadata,
    _sequence("id"),
    _time("received"),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),  # kept, retried, dropped
    _words("retry_of"),
    _time("settled", nullable=True),
    _words("settled_by"),
    Index("ix_dead_letter_state", "state", "id"),
    Index("ix_dead_letter_reason", "reason", "id"),
    sqlite_autoincrement=True,
)

feed: Final = Table(
    "feed",
    metadata,
    _sequence("seq"),
    _time("at"),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_feed_at", "at"),
    sqlite_autoincrement=True,
)

command: Final = Table(
    "command",
    metadata,
    Column("id", Text, primary_key=True),
    Column("station", Text, nullable=False),
    Column("name", Text, nullable=False),
    _words("arguments", default="{}"),
    _words("by"),
    _time("asked"),
    _time("expires"),
    Column("state", Text, nullable=False),
    _time("changed"),
    Column("steps", Text, nullable=False),  # list of hub.command.CommandAnswer as JSON
    Index("ix_command_asked", "asked", "id"),
    Index("ix_command_station", "station", "asked", "id"),
)

idempotency: Final = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    _time("at"),
    Column("status", Integer),
    _words("headers", default="{}"),
    Column("body", LargeBinary),  # NULL where it held a secret
)
