"""What the river patrol saw, where it looked, and what officers said of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = "closed IS NULL"


def upgrade() -> None:
    """What the river patrol saw, where it looked, and what officers said of it."""
    _cameras()
    _events()
    _evidence()
    _coverage()
    _learning()


def _cameras() -> None:
    op.create_table(
        "patrol_camera",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("station", name="pk_patrol_camera"),
    )


def _events() -> None:
    op.create_table(
        "patrol_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("facts", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("evidence", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_event"),
    )
    op.create_index("ix_patrol_event_station", "patrol_event", ["station", "opened", "id"])
    op.create_index("ix_patrol_event_opened", "patrol_event", ["opened", "id"])
    op.create_index(
        "ix_patrol_event_open",
        "patrol_event",
        ["station"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def _evidence() -> None:
    op.create_table(
        "patrol_evidence",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Boolean(), nullable=False),
        sa.Column("blurred", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name="pk_patrol_evidence"),
    )
    op.create_index("ix_patrol_evidence_kind", "patrol_evidence", ["kind", "captured", "sha256"])
    op.create_index("ix_patrol_evidence_event", "patrol_evidence", ["event"])


def _coverage() -> None:
    op.create_table(
        "patrol_coverage",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.Integer(), nullable=False),
        sa.Column("blind", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", "hour", name="pk_patrol_coverage"),
    )


def _learning() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "patrol_label",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("crop", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("features", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_label"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_patrol_label_event", "patrol_label", ["event"], unique=True)
    op.create_index("ix_patrol_label_station", "patrol_label", ["station", "id"])
    op.create_table(
        "patrol_model",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_model"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patrol_model_station", "patrol_model", ["station", "id"])
