"""What the river patrol saw, where it looked, and what officers said of it."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text

from storage.records.tables.schema import metadata, moment, sequence, words

patrol_camera: Final = Table(
    "patrol_camera",
    metadata,
    Column("station", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),  # vision.camera.CameraConfig as JSON
    words("source", default="{}"),  # hub.pictures.Source as JSON; a password is only named
    moment("changed"),
    words("changed_by"),
)

patrol_event: Final = Table(
    "patrol_event",
    metadata,
    Column("id", Text, primary_key=True),
    Column("station", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("level", Integer, nullable=False),
    moment("opened"),
    moment("changed"),
    moment("closed", nullable=True),
    words("text"),
    words("facts", default="{}"),
    words("evidence", default="[]"),  # list of hub.evidence.Evidence
    Column("verdict", Text),  # confirmed, rejected
    Index("ix_patrol_event_station", "station", "opened", "id"),
    Index("ix_patrol_event_opened", "opened", "id"),
    Index(
        "ix_patrol_event_open",
        "station",
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
)

patrol_evidence: Final = Table(
    "patrol_evidence",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    moment("captured"),
    Column("person", Boolean, nullable=False),
    Column("blurred", Text),  # the twin without people, itself a row here
    Index("ix_patrol_evidence_kind", "kind", "captured", "sha256"),
    Index("ix_patrol_evidence_event", "event"),
)

patrol_coverage: Final = Table(
    "patrol_coverage",
    metadata,
    Column("station", Text, nullable=False),
    moment("hour"),
    Column("seen_ms", Integer, nullable=False),
    words("blind", default="{}"),  # cause to ms
    moment("through"),
    PrimaryKeyConstraint("station", "hour"),
)

patrol_label: Final = Table(
    "patrol_label",
    metadata,
    sequence("id"),
    Column("station", Text, nullable=False),
    Column("event", Text, nullable=False),
    words("crop"),
    Column("verdict", Text, nullable=False),  # confirmed, rejected
    words("label"),
    words("reason"),
    words("features", default="[]"),
    moment("at"),
    Column("by", Text, nullable=False),
    Index("uq_patrol_label_event", "event", unique=True),
    Index("ix_patrol_label_station", "station", "id"),
    sqlite_autoincrement=True,
)

patrol_model: Final = Table(
    "patrol_model",
    metadata,
    sequence("id"),
    Column("station", Text, nullable=False),
    Column("state", Text, nullable=False),  # candidate, adopted, retired
    moment("made"),
    Column("by", Text, nullable=False),
    Column("labels", Integer, nullable=False),
    words("judged", default="{}"),
    Column("body", LargeBinary, nullable=False),
    Index("ix_patrol_model_station", "station", "id"),
    sqlite_autoincrement=True,
)
