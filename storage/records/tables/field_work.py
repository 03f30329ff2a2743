"""Links to the phone page, reports by people and what is attached to incidents."""

from typing import Final

from sqlalchemy import Column, Double, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from storage.records.tables.schema import metadata, moment, words

link_key: Final = Table(
    "link_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("secret", Text, nullable=False),  # hexadecimal; leaves the database for the signature only
    moment("created"),
)

task_link: Final = Table(
    "task_link",
    metadata,
    Column("id", Text, primary_key=True),
    Column("incident", Text, ForeignKey("incident.id"), nullable=False),
    Column("person", Text, nullable=False),
    Column("key", Text, ForeignKey("link_key.id"), nullable=False),
    moment("issued"),
    moment("expires"),
    moment("opened", nullable=True),  # first time the page was opened: the notice was read
    moment("acted", nullable=True),  # first time something was done with it
    moment("revoked", nullable=True),
    words("revoked_by"),
    Index("ix_task_link_person", "incident", "person", "expires"),
)

task_action: Final = Table(
    "task_action",
    metadata,
    Column("link", Text, ForeignKey("task_link.id"), nullable=False),
    Column("key", Text, nullable=False),  # made on the phone, the same at every try
    Column("action", Text, nullable=False),
    Column("request", Text, nullable=False),  # SHA-256 of what was asked: another request needs another key
    moment("done"),  # by the phone's clock, within the link's life
    moment("taken"),
    words("answer", default="{}"),
    PrimaryKeyConstraint("link", "key"),
)

report: Final = Table(
    "report",
    metadata,
    Column("id", Text, primary_key=True),
    Column("incident", Text, ForeignKey("incident.id"), nullable=False),
    Column("source", Text, nullable=False),  # hotline, grid, patrol, other
    Column("outside", Text),  # the number that the source gave it, such as the hotline's work order
    Column("department", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("text", Text, nullable=False),
    words("place"),
    Column("lon", Double),
    Column("lat", Double),
    words("reporter"),
    words("phone"),
    moment("seen"),
    moment("received"),
    Column("taken_by", Text, nullable=False),
    Index("ix_report_incident", "incident"),
    Index("ix_report_seen", "department", "seen"),
    Index("uq_report_outside", "source", "outside", unique=True),
)
