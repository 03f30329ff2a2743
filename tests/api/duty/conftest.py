"""A hub whose settings name a channel that reaches one person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.duty.story import duty_story
from tests.api.hub import Hub, make_hub


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with the story's people; what a test changes it puts back."""
    hub = make_hub(Path(tmp_path_factory.mktemp("staffed")) / "hub")
    duty_story(hub)
    yield hub
    hub.close()
