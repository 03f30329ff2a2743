"""A hub with drawn cameras before a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, StorageState, expect

from tests.api.hub import PASSWORD, Hub, make_hub
from tests.console.cameras.story import tell
from tests.field_work.site import Site


@pytest.fixture(scope="package")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub."""
    made = make_hub(tmp_path_factory.mktemp("hub"))
    tell(made)
    yield made
    made.close()


@pytest.fixture(scope="package")
def site(hub: Hub) -> Iterator[Site]:
    """The hub behind a port."""
    with Site(hub) as running:
        yield running


@pytest.fixture(scope="package")
def known() -> dict[str, StorageState]:
    """What a browser keeps of each who has logged in."""
    return {}


@pytest.fixture
def browse(site: Site, chromium: Browser, known: dict[str, StorageState]) -> Iterator[Callable[..., Page]]:
    """Opens a page of the console as somebody; an error in it, or a request to anywhere else, fails the test."""
    contexts, wrong = [], list[str]()

    def ask(request: Request) -> None:
        if not request.url.startswith((site.http, "data:", "blob:")):
            wrong.append(request.url)

    def open_page(path: str, who: str = "admin", locale: str = "zh-CN") -> Page:
        size = {"width": 1440, "height": 900}
        context = chromium.new_context(viewport=size, locale=locale, storage_state=known.get(who))  # type: ignore[arg-type]  # a TypedDict by its shape
        contexts.append(context)
        if who not in known:
            context.request.post(f"{site.http}/v1/session", data={"name": who, "password": PASSWORD})
            known[who] = context.storage_state()
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", ask)
        page.goto(f"{site.http}{path}")
        expect(page.locator("main h1")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
