"""How heavy the desk is and how often it asks: the whole page, with all it asks the hub for until everything on it is drawn."""

import pytest
from playwright.sync_api import Page, expect

from hub.evidence import Evidence
from storage.evidence import EvidenceFolder
from storage.records import attached
from tests.api.hub import Hub
from tests.console.desk.conftest import Open
from tests.field_work.conftest import picture
from tests.field_work.site import Site

MOST_BYTES = 300_000
MOST_REQUESTS = 12
QUICK = 10_000


class Line:
    """What goes over the line to a page from now on."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.bytes = 0
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.requestWillBeSent", lambda event: self.asked.append(event["request"]["url"]))
        devtools.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, float]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def abroad(self, home: str) -> list[str]:
        """What was asked of another host."""
        return [url for url in self.asked if not url.startswith((home, "data:", "blob:"))]

    def requests(self) -> list[str]:
        """What was asked of any host."""
        return [url for url in self.asked if not url.startswith(("data:", "blob:"))]


@pytest.fixture
def shown(hub: Hub, fresh: str) -> Hub:
    """The hub with an incident that has all a desk can show: a course of values, and a picture."""
    minutes = [hub.clock.now() - minute * 60_000 for minute in range(60, 0, -1)]
    hub.write("north/water/st-1", {"nh3_n": [2.0 + minute / 100 for minute in range(60)]}, minutes)
    data = picture(1280, 720)
    piece = Evidence(
        EvidenceFolder(hub.context.evidence).put(data), "overlay", "image/jpeg", len(data), hub.clock.now(), "best"
    )
    incident = hub.get(f"/v1/incidents/{fresh}").json()["id"]
    with hub.records.begin() as tx:
        attached.attach(tx, incident, piece, by="hub", at=hub.clock.now())
    return hub


def test_the_desk_is_light_and_asks_seldom(shown: Hub, site: Site, browse: Open) -> None:
    page = browse("/login")
    page.clock.install(time=shown.clock.now() / 1000)
    line = Line(page)
    page.goto(site.http + "/")
    expect(page.locator(".incident-head")).to_be_visible(timeout=QUICK)
    expect(page.locator(".place .over")).to_have_count(0, timeout=QUICK)
    expect(page.locator(".chart canvas")).to_be_visible(timeout=QUICK)
    expect(page.locator("#desk img").first).to_have_js_property("complete", True, timeout=QUICK)
    assert line.abroad(site.http) == []
    assert len(line.requests()) <= MOST_REQUESTS, line.requests()
    assert 100_000 <= line.bytes <= MOST_BYTES, "with the map, so the count is of all of it"
