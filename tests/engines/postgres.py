"""PostgreSQL for a test: one server, a fresh database for whoever asks."""

import uuid

import psycopg
from psycopg import sql

from tests.engines.server import Server


class Postgres(Server):
    """A private cluster with user and database `hub`."""

    script = "postgres"

    @property
    def url(self) -> str:
        """As `engines.records` of hub.toml takes it."""
        return self.database_url("hub")

    def database_url(self, name: str) -> str:
        """As `engines.records` of hub.toml takes it, for one database."""
        return f"postgresql://hub:hub@127.0.0.1:{self.port}/{name}"

    def new_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.database_url(name)

    def drop_database(self, url: str) -> None:
        """Delete a database, ending the sessions that are still in it."""
        name = url.rpartition("/")[2]
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.database_url("postgres"), autocommit=True) as connection:
            connection.execute(statement)
