"""Every page of the console for those who cannot see well or hold no mouse: axe-core finds nothing, by day, by night, in both languages."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import TimeoutError as Late

from api.console import PAGES
from tests.api.duty.story import duty_story
from tests.api.hub import NOW, PASSWORD, Hub, make_hub
from tests.console.cameras.story import BRIDGE, tell
from tests.field_work.site import Site
from tests.field_work.staff import Staff

SCRIPT = Path(__file__).parents[2] / "deploy" / "engines" / "axe.sh"
QUICK = 15_000
MINUTE = 60_000
PLACES = [
    *(page.path for page in PAGES),
    f"/cameras/{BRIDGE.replace('/camera/', '/')}",
    "/?wall",
    "/t/{token}",
    "/t/none",
]
STILL = "() => document.querySelector('main *') && !document.querySelector('.loading, [aria-busy=true]')"
AXE = """async (rules) => (await axe.run(document, { resultTypes: ["violations"], ...(rules && { runOnly: [rules] }) })).violations.map(
  (one) => `${one.id}: ${one.nodes.map((node) => node.target + " " + node.failureSummary).join(" | ")}`)"""
"""Colours are all that differs by night."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script."""
    asked = subprocess.run([SCRIPT, "script"], capture_output=True, text=True, check=False)
    if asked.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{asked.stderr.strip()} (CI=true, so this is a failure)", pytrace=False)
        pytest.skip(asked.stderr.strip())
    return Path(asked.stdout.strip()).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that has something to show on each page."""
    made = make_hub(tmp_path_factory.mktemp("hub"))
    tell(made)
    duty_story(made)
    made.write(
        "north/water/st-1", {"nh3_n": [2.0 + n / 50 for n in range(60)]}, [NOW - n * MINUTE for n in range(60, 0, -1)]
    )
    made.alert()
    made.post("/v1/reports", {"type": "debris", "text": "桥下漂浮物", "place": "老桥", "lon": 121.9, "lat": 29.5})
    made.letter()
    made.well()
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser(chromium: Browser, site: Site, axe: str) -> Iterator[BrowserContext]:
    """An administrator's browser, whose clock is the hub's."""
    context = chromium.new_context(viewport={"width": 1366, "height": 900}, locale="zh-CN", reduced_motion="reduce")
    context.add_init_script(axe)
    context.clock.install(time=NOW / 1000)
    context.request.post(f"{site.http}/v1/session", data={"name": "admin", "password": PASSWORD})
    yield context
    context.close()


def found(page: Page, rules: str) -> list[str]:
    """What axe says of the page by these rules, all where none is named."""
    said: list[str] = page.evaluate(AXE, rules)
    return said


@pytest.mark.parametrize(("place", "language"), [(place, "zh" if n % 3 else "en") for n, place in enumerate(PLACES)])
def test_axe_finds_nothing(browser: BrowserContext, hub: Hub, site: Site, place: str, language: str) -> None:
    incident = hub.get("/v1/incidents").json()["items"][-1]
    path = place.format(number=incident["number"], token=Staff.sent(hub, "li").token if "token" in place else "")
    page = browser.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" and place != "/t/none" else None)
    page.goto(f"{site.http}{path}{'&' if '?' in path else '?'}lang={language}")
    with contextlib.suppress(Late):  # an error in the page says more
        page.wait_for_function(STILL, timeout=QUICK)
    wrong += found(page, "")
    page.emulate_media(color_scheme="dark")
    wrong += found(page, "color-contrast")
    page.close()
    assert wrong == []
