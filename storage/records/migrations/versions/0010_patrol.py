"""What the river patrol saw, where it looked, and what officers said of it."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What the river patrol saw, where it looked, and what officers said of it."""
