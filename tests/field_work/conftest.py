"""A hub with an incident and somebody who was sent a link to it."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.api.hub import Hub, make_hub
from tests.field_work.staff import Staff


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with an open incident at the water station."""
    made = make_hub(tmp_path)
    made.alert()
    yield made
    made.close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """Somebody with a link, for a module's tests that are refused and change nothing."""
    made = make_hub(tmp_path_factory.mktemp("hub"))
    made.alert()
    yield Staff.sent(made, "li-si")
    made.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub for a module's tests that need only an incident of their own."""
    made = make_hub(tmp_path_factory.mktemp("hub"))
    yield made
    made.close()


@pytest.fixture
def zhao(house: Hub) -> Staff:
    """Somebody with a link to a new incident; those of the tests before have ended."""
    for row in house.get("/v1/incidents?open=true").json()["items"]:
        house.post(f"/v1/incidents/{row['id']}/reject", {"reason": "the test before"})
    house.clock.advance(60_000)
    house.alert(start=house.clock.now() - 60_000)
    return Staff.sent(house, "zhao")


@pytest.fixture
def li(hub: Hub) -> Staff:
    """Somebody with a link to that incident."""
    return Staff.sent(hub, "li-si")


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A photo as a phone makes it: 1200 x 900, noisy as water is."""
    return picture(1200, 900)


def picture(width: int, height: int, kind: str = "JPEG", seed: int = 1) -> bytes:
    """A picture of nothing in particular."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 200, (height // 20 + 1, width // 20 + 1, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()
