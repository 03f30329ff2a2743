"""Bringing the tables to the newest form with Alembic, whose steps lie in `migrations/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def migrate(tx: Connection, revision: str = "head") -> None:
    """Run the steps up to `revision` inside the given write transaction: all of them happen, or none."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    command.upgrade(config, revision)
