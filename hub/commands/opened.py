"""The records of a hub, opened for one command."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hub.commands.app import settings_of
from hub.settings import Settings
from storage.records import Records, open_records


@contextmanager
def opened(config: Path | None, data: Path | None) -> Iterator[tuple[Settings, Records]]:
    """The settings and the migrated records a command works on; an empty folder is made ready."""
    settings = settings_of(config, data)
    settings.hub.data.mkdir(parents=True, exist_ok=True)
    with closing(open_records(settings.engines.records, settings.hub.data)) as records:
        records.migrate()
        yield settings, records
