"""What Alembic runs for every command: our connection, our tables, no settings file."""

from alembic import context
from sqlalchemy import Connection

from storage.records.tables import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
