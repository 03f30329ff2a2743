"""Fixtures every room's tests share.

A real engine is started by the first test that asks for it and ended with the run. A missing engine skips on a laptop
and fails where CI=true. A test that kills or stops an engine starts it again before it ends. Where several processes share
the run, the tests of a large engine stay together, so that it is started once; so do the tests of a file.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NoReturn, TypeVar

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import engines
from tests.engines import InfluxDB, Kafka, Kafka3, Mosquitto, Postgres, Rtsp, Server
from tests.engines.waiting import PATIENCE

_Engine = TypeVar("_Engine", bound=Server)

LARGE: Final = (("kafka3", "kafka"), ("kafka", "kafka"), ("influxdb", "influxdb"), ("chromium", "whole hubs"))
"""Fixtures, or parameters that name an engine, and who is to hold them."""

WHOLE_HUBS: Final = ("tests/chaos/", "tests/commands/", "tests/console/", "tests/e2e/")
"""Tests that start all parts of a hub, often with a browser: two of them at once are more than a small machine carries."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests one process must run."""
    for item in items:
        parameters = (
            item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        )
        asked = {*getattr(item, "fixturenames", ()), *(each for each in parameters if isinstance(each, str))}
        file = item.nodeid.partition("::")[0]
        alone = "whole hubs" if file.startswith(WHOLE_HUBS) else file
        group = next((holder for fixture, holder in LARGE if fixture in asked), alone)
        item.add_marker(pytest.mark.xdist_group(group))


def _unavailable(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true, so this is a failure)", pytrace=False)
    pytest.skip(reason)


def _running(engine: type[_Engine]) -> Iterator[_Engine]:
    reason = engine.missing()
    if reason:
        _unavailable(reason)
    server = engine.launch()
    yield server
    server.wipe()


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[Mosquitto]:
    """An MQTT broker that is open to all."""
    yield from _running(Mosquitto)


@pytest.fixture
def start_mosquitto() -> Iterator[Callable[[Mapping[str, str]], Mosquitto]]:
    """Starts a broker of the test's own with the given files (`passwords`, `acl`) in its folder."""
    reason = Mosquitto.missing()
    if reason:
        _unavailable(reason)
    started: list[Mosquitto] = []

    def start(files: Mapping[str, str]) -> Mosquitto:
        started.append(Mosquitto.launch(files))
        return started[-1]

    yield start
    for server in started:
        server.wipe()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One Kafka node."""
    yield from _running(Kafka)


@pytest.fixture(scope="session")
def kafka3() -> Iterator[Kafka3]:
    """Three Kafka nodes; about 800 MB and ten seconds, so for few tests."""
    yield from _running(Kafka3)


@pytest.fixture(scope="session")
def influxdb() -> Iterator[InfluxDB]:
    """An InfluxDB server, set up."""
    yield from _running(InfluxDB)


@pytest.fixture
def influxdb_bucket(influxdb: InfluxDB) -> str:
    """The name of a fresh bucket of the server."""
    return influxdb.new_bucket()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    yield from _running(Postgres)


@pytest.fixture
def postgres_database(postgres: Postgres) -> Iterator[str]:
    """The URL of a fresh database of the server."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def rtsp() -> Iterator[Rtsp]:
    """An RTSP server without streams, for one test: it is killed and stopped."""
    yield from _running(Rtsp)


# One module at a time: while playwright's own event loop runs, no asyncio test can run in the same thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser without a window."""
    program = shutil.which("chromium")
    if program is None:
        _unavailable("chromium: not fetched yet: chromium.sh fetch, or make engines")
    expect.set_options(timeout=20_000 * PATIENCE)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def free_port() -> int:
    """A loopback port on which nobody listens."""
    return engines.free_port()
