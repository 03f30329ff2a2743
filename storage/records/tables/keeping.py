"""What keeps the house: marks of the database, offsets of the bus, dead letters and the feed of the browsers."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from storage.records.tables.schema import metadata, moment, sequence, words

meta: Final = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

consumer_offset: Final = Table(
    "consumer_offset",
    metadata,
    Column("group_name", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("group_name", "topic", "part"),
)

dead_letter: Final = Table(
    "dead_letter",
    metadata,
    sequence("id"),
    moment("received"),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),  # kept, retried, dropped
    words("retry_of"),
    moment("settled", nullable=True),
    words("settled_by"),
    Index("ix_dead_letter_state", "state", "id"),
    Index("ix_dead_letter_reason", "reason", "id"),
    sqlite_autoincrement=True,
)

feed: Final = Table(
    "feed",
    metadata,
    sequence("seq"),
    moment("at"),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_feed_at", "at"),
    sqlite_autoincrement=True,
)
