"""A hub with drawn cameras before a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.hub import PASSWORD, Hub, make_hub
from tests.console.cameras.story import tell
from tests.field_work.site import Site


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub."""
    made = make_hub(tmp_path_factory.mktemp("hub"))
    tell(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def site(hub: Hub) -> Iterator[Site]:
    """The hub behind a port."""
    with Site(hub) as running:
        yield running


@pytest.fixture
def browse(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of the console as somebody; whatever goes wrong in it fails the test."""
    contexts, wrong = [], list[str]()

    def open_page(path: str, who: str = "admin", locale: str = "zh-CN", **more: object) -> Page:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale=locale, **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: request.url.startswith((site.http, "data:", "blob:")) or wrong.append(request.url))
        page.goto(f"{site.http}/login?next={path}")
        page.fill("input[name=name]", who)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"**{path}")
        expect(page.locator("h1")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
