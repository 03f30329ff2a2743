"""What incidents know beyond their alerts, and the timers that move them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENTS = (
    *(
        "began",
        "verify_by",
        "ack_by",
        "arrive_by",
        "solve_by",
        "verified",
        "dispatched",
        "arrived",
        "delivered",
        "solved",
    ),
    *("ack_until", "watch_until", "reopen_until", "retention_until"),
)


def upgrade() -> None:
    """What incidents know beyond their alerts, and the timers that move them."""
    _incident()
    _evidence()
    _timer()
    _silence()
    op.add_column("notification", sa.Column("person", sa.Text(), nullable=True))
    op.create_index("ix_alert_target", "alert", ["department", "kind", "device", "property", "fired"])


def _incident() -> None:
    for name, default in (("source", "alert"), ("type", ""), ("text", ""), ("resolution", "")):
        op.add_column("incident", _words(name, default))
    for name in ("plan", "contract"):
        op.add_column("incident", _words(name, "{}"))
    for name in ("area", "root", "owner", "owner_kind", "cause_code"):
        op.add_column("incident", sa.Column(name, sa.Text(), nullable=True))
    for name in ("lon", "lat"):
        op.add_column("incident", sa.Column(name, sa.Double(), nullable=True))
    for name in ("step", "count"):
        op.add_column("incident", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
    for name in ("latched", "overridden"):
        op.add_column("incident", sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False))
    for name in _MOMENTS:
        op.add_column("incident", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_index("ix_incident_group", "incident", ["group_key", "opened"])
    op.create_index("ix_incident_root", "incident", ["root"])
    op.create_index("ix_incident_open_first", "incident", ["open", "opened", "id"])
    op.create_index("ix_incident_changed", "incident", ["changed", "id"])


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'"), nullable=False)


def _evidence() -> None:
    op.create_table(
        "incident_evidence",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _words("role"),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        _words("device"),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="fk_incident_evidence_incident"),
        sa.PrimaryKeyConstraint("incident", "sha256", name="pk_incident_evidence"),
    )
    op.create_index("ix_incident_evidence_sha256", "incident_evidence", ["sha256"])


def _timer() -> None:
    op.create_table(
        "incident_timer",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "name", name="pk_incident_timer"),
    )
    op.create_index("ix_incident_timer_at", "incident_timer", ["at", "incident", "name"])


def _silence() -> None:
    op.create_table(
        "silence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("matcher", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_silence"),
    )
    op.create_index("ix_silence_ends", "silence", ["ends"])
