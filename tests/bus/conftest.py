"""The engines of the bus, one fixture for all three and one for those that outlive a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bus.engine import Embedded, Engine, Memory, OnKafka


def _make(name: str, request: pytest.FixtureRequest, data: Path) -> Iterator[Engine]:
    match name:
        case "memory":
            engine: Engine = Memory(data)
        case "embedded":
            engine = Embedded(data)
        case _:
            engine = OnKafka(request.getfixturevalue("kafka").url, data)
    yield engine
    engine.close()


@pytest.fixture(params=["memory", "embedded", "kafka"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine in turn."""
    yield from _make(request.param, request, tmp_path)


@pytest.fixture(params=["memory", "embedded"])
def local(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine that does its own upkeep."""
    yield from _make(request.param, request, tmp_path)


@pytest.fixture(params=["embedded", "kafka"])
def durable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine that several processes share."""
    yield from _make(request.param, request, tmp_path)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    """The embedded log."""
    engine = Embedded(tmp_path)
    yield engine
    engine.close()


@pytest.fixture
def kafka_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Kafka, one node."""
    yield from _make("kafka", request, tmp_path)
