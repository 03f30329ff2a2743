"""Telling people: the outbox, every try to deliver, and what receivers ended."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from storage.records.tables.schema import Big, metadata, moment, sequence, words

# Spelt as text in the queries too: neither engine's planner sees through bound values that a partial index applies.
UNFINISHED: Final = "state IN ('queued', 'sending', 'waiting')"

notification: Final = Table(
    "notification",
    metadata,
    sequence("id"),
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
    moment("created"),
    moment("next_action_at"),
    moment("done", nullable=True),
    words("answer"),
    Column("person", Text),  # whose address it is, NULL for a program or a group
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
    moment("begun"),
    moment("ended", nullable=True),
    Column("status", Text, nullable=False),  # sending, accepted, refused, failed, unsure
    Column("code", Integer),
    words("answer"),
    words("vendor_id"),
    PrimaryKeyConstraint("notification", "attempt"),
)

subscription: Final = Table(
    "subscription",
    metadata,
    Column("receiver", Text, nullable=False),
    Column("address", Text, nullable=False),
    moment("ended"),
    words("answer"),
    PrimaryKeyConstraint("receiver", "address"),
)
