"""What the pages' tests share: the module's own `hub`, behind a port."""

from collections.abc import Iterator

import pytest

from tests.api.hub import Hub
from tests.field_work.site import Site


@pytest.fixture(scope="module")
def site(hub: Hub) -> Iterator[Site]:
    """The hub behind a port."""
    with Site(hub) as running:
        yield running
