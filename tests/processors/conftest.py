"""A hub on each engine that several processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import Kafka
from tests.processors.hubs import Hub


@pytest.fixture(scope="module")
def own_kafka() -> Iterator[Kafka]:
    """A Kafka of this room's own: the parts' topics have fixed names."""
    reason = Kafka.missing()
    if reason:
        pytest.skip(reason)
    server = Kafka.launch()
    yield server
    server.wipe()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub on the embedded log."""
    found = Hub(tmp_path, "embedded://", 1)
    yield found
    found.close()


@pytest.fixture(params=["embedded", "kafka"])
def either_hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A hub on each engine."""
    if request.param == "embedded":
        found = Hub(tmp_path, "embedded://", 1)
    else:
        found = Hub(tmp_path, request.getfixturevalue("own_kafka").url, 2)
    yield found
    found.close()
