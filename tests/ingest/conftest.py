"""Fixtures of the ingest room."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.ingest.rig import Rig


@pytest.fixture
def make_rig() -> Iterator[Callable[..., Rig]]:
    """Makes rigs and closes them."""
    made: list[Rig] = []

    def make(*devices: Any, **options: Any) -> Rig:
        made.append(Rig(*devices, **options))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A rig with one water station."""
    return make_rig()
