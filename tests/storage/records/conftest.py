"""The records database on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.records import Records, open_records


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///hub.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def records(records_url: str, tmp_path: Path) -> Iterator[Records]:
    opened = open_records(records_url, tmp_path)
    opened.migrate()
    yield opened
    opened.close()
