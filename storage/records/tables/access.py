"""Who may do what, and who did: users, tokens, sessions, the audit and the answers to repeated requests."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from storage.records.tables.schema import metadata, moment, sequence, words

app_user: Final = Table(
    "app_user",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("department", Text),
    moment("created"),
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
    moment("created"),
    words("created_by"),
    moment("expires", nullable=True),
    moment("revoked", nullable=True),
)

session: Final = Table(
    "session",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("user_name", Text, ForeignKey("app_user.name"), nullable=False),
    Column("csrf", Text, nullable=False),
    moment("created"),
    moment("expires"),
    Index(None, "user_name"),
)

audit: Final = Table(
    "audit",
    metadata,
    sequence("seq"),
    moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    words("detail", default="{}"),
    Index(None, "object", "seq"),
    sqlite_autoincrement=True,
)

idempotency: Final = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    moment("at"),
    Column("status", Integer),
    words("headers", default="{}"),
    Column("body", LargeBinary),  # NULL where it held a secret
)
