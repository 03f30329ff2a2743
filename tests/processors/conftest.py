"""A hub on each engine that several processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import Kafka
from tests.processors.hubs import Hub


@pytest.fixture
def own_kafka() -> Iterator[Kafka]:
    """A Kafka of the test's own: the parts' topics have fixed names."""
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
    kafka = request.param == "kafka"
    url = request.getfixturevalue("own_kafka").url if kafka else "embedded://"
    found = Hub(tmp_path, url, 2 if kafka else 1)
    yield found
    found.close()
