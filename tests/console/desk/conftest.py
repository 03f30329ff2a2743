"""A hub with people, a camera and open incidents before a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from storage.records.users import add_user
from tests.api.duty.story import duty_story
from tests.api.hub import NOW, PASSWORD, Hub, make_hub
from tests.field_work.site import Site

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub; `wang` is an officer and `chen` an administrator."""
    made = make_hub(tmp_path_factory.mktemp("desk"))
    duty_story(made)
    with made.records.begin() as tx:
        add_user(tx, "chen", PASSWORD, "admin", actor="test", at=NOW)
    yield made
    made.close()


@pytest.fixture(scope="module")
def sessions(site: Site, chromium: Browser) -> Callable[[str], dict[str, object]]:
    """The cookies of who has logged in, once each."""
    kept: dict[str, dict[str, object]] = {}

    def of(who: str) -> dict[str, object]:
        if who not in kept:
            context = chromium.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(f"{site.http}/login?next=/figures")
            page.fill("input[name=name]", who)
            page.fill("input[name=password]", PASSWORD)
            page.click("button[type=submit]")
            expect(page.locator("header.top")).to_be_visible()
            kept[who] = dict(context.storage_state())
            context.close()
        return kept[who]

    return of


@pytest.fixture
def browse(site: Site, chromium: Browser, sessions: Callable[[str], dict[str, object]]) -> Iterator[Open]:
    """Opens a page as somebody; whatever goes wrong in it, or is asked of another origin, fails the test."""
    contexts, wrong = list[BrowserContext](), list[str]()

    def open_page(path: str, who: str = "wang", locale: str = "zh-CN", width: int = 1366) -> Page:
        state = sessions(who)
        viewport = {"width": width, "height": 844}
        context = chromium.new_context(viewport=viewport, locale=locale, storage_state=state)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda one: None if one.url.startswith((site.http, "data:", "blob:")) else wrong.append(one.url)
        )
        page.goto(site.http + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def fresh(hub: Hub) -> str:
    """The number of a new open incident; what an earlier test left open has ended."""
    for row in hub.get("/v1/incidents?open=true").json()["items"]:
        hub.post(f"/v1/incidents/{row['id']}/reject", {"reason": "the test before"})
    hub.clock.advance(60_000)
    hub.alert(start=hub.clock.now() - 60_000)
    return str(hub.get("/v1/incidents?open=true").json()["items"][0]["number"])
