"""Handovers between shifts."""

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text, text

from storage.records.tables.schema import metadata, moment, words

shift: Final = Table(
    "shift",
    metadata,
    Column("id", Text, primary_key=True),
    words("department"),  # whose desk; empty: the district's
    words("note"),
    Column("facts", Text, nullable=False),  # JSON: what stood open when it was handed over
    Column("given_by", Text, nullable=False),
    moment("given_at"),
    words("taken_by"),
    moment("taken_at", nullable=True),  # when the next one signed; until then nobody has taken it
    words("taken_note"),
    Column("hash", Text, nullable=False),  # SHA-256 over what both sign
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("ix_shift_given", "department", "given_at"),
)
