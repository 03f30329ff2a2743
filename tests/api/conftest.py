"""A hub for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.hub import Hub, make_hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with two stations, a rule, people of every role, and no values."""
    made = make_hub(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def standing_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub for a module's tests that change nothing."""
    made = make_hub(tmp_path_factory.mktemp("hub"))
    yield made
    made.close()
