"""The records database on both engines, and on SQLite alone where the engine does not matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.records import Records, open_records
from tests.alerts.builders import World


@pytest.fixture(params=["sqlite", "postgresql"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    url = "sqlite:///hub.db"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_database"))
    opened = open_records(url, tmp_path)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def sqlite_records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records("sqlite:///hub.db", tmp_path)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def world(records: Records) -> World:
    return World(records)


@pytest.fixture
def sqlite_world(sqlite_records: Records) -> World:
    return World(sqlite_records)
