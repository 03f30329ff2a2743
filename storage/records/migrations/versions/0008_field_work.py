"""Links to the phone page, reports by people and what is attached to incidents."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Links to the phone page, reports by people and what is attached to incidents."""
