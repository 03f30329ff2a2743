"""The register: departments, devices and their states, rules and their versions, the catalogue and commands."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from storage.records.tables.schema import Big, metadata, moment, words

department: Final = Table(
    "department", metadata, Column("id", Text, primary_key=True), words("name_zh"), words("name_en")
)

device: Final = Table(
    "device",
    metadata,
    Column("station", Text, primary_key=True),
    Column("department", Text, ForeignKey("department.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("body", Text, nullable=False),  # hub.catalogue.Device as JSON
    moment("changed"),
    Column("link", Text),  # "protocol identity" of a device that speaks a field protocol
    Index(None, "department", "kind"),
    Index("ix_device_link", "link", unique=True),
)

device_state: Final = Table(
    "device_state",
    metadata,
    Column("station", Text, primary_key=True),
    Column("state", Text, nullable=False),
    moment("time"),
    moment("received"),
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
    moment("changed"),
    moment("removed", nullable=True),
)

rule_version: Final = Table(
    "rule_version",
    metadata,
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("body", Text, nullable=False),
    moment("at"),
    words("actor"),
    PrimaryKeyConstraint("id", "version"),
)

catalogue_change: Final = Table(
    "catalogue_change",
    metadata,
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("body", Text, nullable=False),
    moment("at"),
    Column("published", Boolean, nullable=False),
    Index(
        "ix_catalogue_change_unpublished",
        "seq",
        sqlite_where=text("NOT published"),
        postgresql_where=text("NOT published"),
    ),
)

command: Final = Table(
    "command",
    metadata,
    Column("id", Text, primary_key=True),
    Column("station", Text, nullable=False),
    Column("name", Text, nullable=False),
    words("arguments", default="{}"),
    words("by"),
    moment("asked"),
    moment("expires"),
    Column("state", Text, nullable=False),
    moment("changed"),
    Column("steps", Text, nullable=False),  # list of hub.command.CommandAnswer as JSON
    Index("ix_command_asked", "asked", "id"),
    Index("ix_command_station", "station", "asked", "id"),
)
