"""People, units, areas, rosters and plans of escalation, and how far each person's ladder was climbed."""

from typing import Final

from sqlalchemy import Column, Double, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from storage.records.tables.schema import metadata, moment, words

KEPT: Final = ("person", "unit", "area", "roster", "plan")
"""What has a name and versions: a row each, the content as JSON."""

duty: Final = Table(
    "duty",
    metadata,
    Column("sort", Text, nullable=False),  # one of KEPT
    Column("id", Text, nullable=False),
    words("department"),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    moment("changed"),
    Column("changed_by", Text, nullable=False),
    moment("removed", nullable=True),
    PrimaryKeyConstraint("sort", "id"),
)

person_place: Final = Table(
    "person_place",
    metadata,
    Column("person", Text, primary_key=True),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("accuracy_m", Double),
    moment("at"),
    Column("source", Text, nullable=False),
)

ladder: Final = Table(
    "ladder",
    metadata,
    Column("incident", Text, nullable=False),  # written in the same transaction, perhaps a moment before the incident
    Column("round", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("person", Text, nullable=False),
    Column("ways", Text, nullable=False),  # JSON, as they were when the step was due
    Column("rung", Integer, nullable=False),  # the way that was tried last, -1 before the first
    Column("state", Text, nullable=False),  # waiting, climbing, reached, acted, exhausted, ended
    moment("due", nullable=True),
    moment("begun"),
    moment("changed"),
    words("why"),
    PrimaryKeyConstraint("incident", "round", "step", "person"),
    Index(
        "ix_ladder_person",
        "person",
        "due",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

preflight: Final = Table(
    "preflight",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row
    moment("at"),
    Column("body", Text, nullable=False),
)
