"""A district with an incident, and its case."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.hub import make_hub
from tests.proof.casefile import District, settle


@pytest.fixture(scope="session")
def standing_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """One district for tests that change nothing."""
    hub = make_hub(tmp_path_factory.mktemp("district"))
    yield settle(hub)
    hub.close()


@pytest.fixture(scope="module")
def busy_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """One district for a module's tests that add to its incident and look only at what they added."""
    hub = make_hub(tmp_path_factory.mktemp("district"))
    yield settle(hub)
    hub.close()


class _Case(bytes):
    """Its report of a failure is no page of bytes."""

    def __repr__(self) -> str:
        return f"<case of {len(self)} bytes>"


@pytest.fixture(scope="session")
def case(standing_district: District) -> bytes:
    """Its case."""
    return _Case(standing_district.case())


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    """A district of the test's own."""
    hub = make_hub(tmp_path)
    yield settle(hub)
    hub.close()
