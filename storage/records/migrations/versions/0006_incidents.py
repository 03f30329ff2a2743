"""What incidents know beyond their alerts, and the timers that move them."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What incidents know beyond their alerts, and the timers that move them."""
