"""The wall and one camera, as an officer looks at them: how each camera is, what happened, is it real."""

import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.api.hub import Hub
from tests.console.cameras.story import BRIDGE, DEBRIS, SUSPECT

STATIC = Path(__file__).parents[3] / "api" / "console" / "static"
Browse = Callable[..., Page]
DRAWINGS: dict[str, dict[str, Any]] = {
    "empty": {"status": 200, "json": {"items": [], "next": None}},
    "failed": {"status": 503, "json": {"title": "unavailable", "detail": "the records are away"}},
    "forbidden": {"status": 403, "json": {"title": "forbidden"}},
}


def test_every_camera_says_how_it_is_and_why(browse: Browse) -> None:
    page = browse("/cameras")
    expect(page.locator(".tile")).to_have_count(4)
    bridge, lock = page.locator(".tile", has_text="一号桥"), page.locator(".tile", has_text="二号船闸")
    expect(bridge).to_contain_text("正常")
    expect(bridge).to_contain_text("漂浮物 0.62 m")
    expect(lock).to_contain_text("看不清雾")
    expect(page.locator(".tile", has_text="四号闸")).to_contain_text("尚无画面")
    expect(bridge.locator(".day figcaption")).to_contain_text("事件 3 起")
    page.get_by_role("button", name="看不清").click()
    expect(page.locator(".tile")).to_have_count(1)


def test_an_old_picture_says_so_first(browse: Browse) -> None:
    page = browse("/cameras", locale="en")
    page.route("**/v1/patrol/cameras", _aged)
    expect(page.locator(".tile .age.old").first).to_contain_text("Old picture, 3 min", timeout=15_000)


def test_the_wall_is_walked_by_keyboard(browse: Browse) -> None:
    page = browse("/cameras")
    expect(page.locator(".tile")).to_have_count(4)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".tile", has_text="一号桥").locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("一号桥")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("误报")


def test_the_card_answers_whether_it_is_real(browse: Browse, hub: Hub) -> None:
    page = browse("/cameras/north/bridge-1", who="wang")
    card = page.locator(".evidence")
    expect(card.locator(".shot")).to_have_count(3)
    expect(card.locator(".traces .went")).to_have_count(1)
    page.keyboard.press("o")
    expect(card.locator(".traces")).to_have_count(0)
    page.keyboard.press("f")
    page.get_by_text("鸟或其他动物").click()
    page.select_option("select[name=label]", "bird")
    page.locator("dialog button.primary").click()
    expect(card).to_contain_text("已判误报")
    told = hub.get(f"/v1/patrol/events/{DEBRIS}").json()
    assert told["verdict"] == "rejected"
    page.goto(page.url.split("?")[0] + f"?event={SUSPECT}")
    expect(page.locator(".evidence")).to_contain_text("该相机未标定")


def test_nothing_is_drawn_by_its_reason(browse: Browse) -> None:
    page = browse("/cameras", locale="en")
    for kind, answer in DRAWINGS.items():
        page.route("**/v1/patrol/cameras", partial(_fulfil, answer))
        page.reload()
        expect(page.locator(f"main .drawing.{kind}")).to_be_visible()
        page.unroute("**/v1/patrol/cameras")


def test_loading_and_stale_are_drawings_too(browse: Browse) -> None:
    page = browse("/cameras", locale="en")
    expect(page.locator(".tile")).to_have_count(4)
    page.clock.install()
    page.route("**/v1/patrol/cameras", lambda route: route.abort())
    page.reload()
    expect(page.locator("main .drawing.failed")).to_be_visible()
    page.unroute("**/v1/patrol/cameras")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".tile")).to_have_count(4)
    page.route("**/v1/patrol/cameras", lambda _route: None)
    page.clock.run_for(60_000)
    expect(page.locator(".stale .drawing.stale")).to_contain_text("Nothing new for")
    page.reload()
    expect(page.locator("main .drawing.loading")).to_be_visible()


def test_a_month_tells_seen_from_blind_from_offline(browse: Browse) -> None:
    page = browse("/cameras/north/bridge-1?view=month&month=2026-11", locale="en")
    month = page.locator("section.card", has_text="Bridge 1")
    expect(month).to_contain_text("of 76.3 h more nothing can be said")
    expect(page.locator("main")).to_contain_text("can be said only for seen time")
    for kind in ("seen", "blind", "offline"):
        assert month.locator(f".grid .cover-{kind}").count() > 10
    month.locator("summary").click()
    expect(month.locator("tbody tr")).to_have_count(18)


def test_the_page_is_light() -> None:
    files = [*(STATIC / "js" / "cameras").glob("*.js"), *(STATIC / "js").glob("*.js"), STATIC / "vendor" / "ui.js"]
    files += [STATIC / "css" / "cameras.css", STATIC / "css" / "console.css", STATIC / "vendor" / "uplot.css"]
    files += [STATIC / "i18n" / "zh" / f"{name}.json" for name in ("console", "cameras")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 150_000


def _fulfil(answer: dict[str, Any], route: Route) -> None:
    route.fulfill(**answer)


def _aged(route: Route) -> None:
    answer = route.fetch()
    body = answer.json()
    for one in body["items"]:
        if one["station"] == BRIDGE:
            one["age_s"] = 185.0
    route.fulfill(response=answer, json=body)
