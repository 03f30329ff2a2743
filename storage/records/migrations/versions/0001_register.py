"""The register, the rules and the changes of the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("NOT published")


def upgrade() -> None:
    """The register, the rules and the changes of the catalogue."""
    _meta()
    _department()
    _device()
    _device_state()
    _rule()
    _rule_version()
    _catalogue_change()


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def _department() -> None:
    op.create_table(
        "department",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("name_en", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_department"),
    )


def _device() -> None:
    op.create_table(
        "device",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["department"], ["department.id"], name="fk_device_department"),
        sa.PrimaryKeyConstraint("station", name="pk_device"),
    )
    op.create_index("ix_device_department_kind", "device", ["department", "kind"])


def _device_state() -> None:
    op.create_table(
        "device_state",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", name="pk_device_state"),
    )


def _rule() -> None:
    op.create_table(
        "rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rule"),
    )


def _rule_version() -> None:
    op.create_table(
        "rule_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_rule_version"),
    )


def _catalogue_change() -> None:
    op.create_table(
        "catalogue_change",
        sa.Column("seq", _BIG, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_catalogue_change"),
    )
    op.create_index(
        "ix_catalogue_change_unpublished", "catalogue_change", ["seq"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
