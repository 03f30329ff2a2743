"""Bringing the tables to the newest form with Alembic, whose steps lie in `migrations/`."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

HEAD: Final = "0010"
"""The newest step; known here, so that a database that is there already costs one question and not all of Alembic."""


def migrate(tx: Connection, revision: str = HEAD) -> None:
    """Run the steps up to `revision` inside the given write transaction: all of them happen, or none."""
    if (
        inspect(tx).has_table("alembic_version")
        and tx.execute(text("SELECT version_num FROM alembic_version")).scalar() == revision
    ):
        return
    # Half a second and ten megabytes, once in a database's life.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    command.upgrade(config, revision)
