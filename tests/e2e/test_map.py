"""The map as a duty officer uses it: a truck is found, seen where it is, its track played and its link sent on; without a map the list still works."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Page, expect

from hub.clock import SystemClock
from tests.e2e.demo import Demo
from tests.engines import wait_until

pytestmark = pytest.mark.timeout(240)
TRUCK = "zhenhai/vehicle/E2E-T"
DROVE_S = 1800


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("map") / "data") as running:
        _drive(running)
        yield running


@pytest.fixture
def page(demo: Demo, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 860}, locale="zh-CN")
    page = context.new_page()
    demo.log_in(page)
    yield page
    context.close()


def _drive(demo: Demo) -> None:
    """Half an hour of a truck that stopped for five minutes and was too tired at the end."""
    with demo.client() as client:
        entry = {"station": TRUCK, "name_zh": "浙B·E2E", "name_en": "E2E truck", "period_s": 10}
        secret = client.post("/v1/devices", json=entry).json()["secret"]
    now, lat, rows = SystemClock().now(), 29.93, []
    for second in range(-DROVE_S, 1, 10):
        standing = -1200 <= second < -900
        lat += 0 if standing else 0.0004
        row = {"ts": now + second * 1000, "lon": 121.6, "lat": round(lat, 6), "speed": 0 if standing else 16}
        rows.append(
            {**row, "heading": 0, "load": "full", "waybill": "ZH-E2E", "alarms": ["fatigue"] if not second else []}
        )
    sender = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    sender.username_pw_set(TRUCK, secret)
    sender.connect("127.0.0.1", demo.mqtt_port)
    sender.loop_start()
    sender.publish(f"hub/{TRUCK}/position", json.dumps(rows), qos=1).wait_for_publish(20)
    sender.disconnect()
    sender.loop_stop()
    wait_until(lambda: demo.get(f"/v1/vehicles/{TRUCK}")["alarms"], 40, "the truck rings")


def test_a_truck_is_found_its_track_played_and_the_link_shows_the_same(demo: Demo, page: Page) -> None:
    foreign: list[str] = []
    page.on("request", lambda one: None if one.url.startswith((demo.http, "data:")) else foreign.append(one.url))
    page.goto(f"{demo.http}/map")
    expect(page.locator("#map canvas").first).to_be_visible(timeout=20_000)
    page.fill("input[type=search]", "E2E")
    row = page.locator(f'[data-mark="{TRUCK}"]')
    expect(row).to_contain_text("疲劳驾驶")
    page.locator("#map").focus()
    page.keyboard.press("j")
    detail = page.locator(".map-detail")
    expect(detail.locator(".map-name")).to_have_text("浙B·E2E")
    expect(detail).to_contain_text("ZH-E2E")
    expect(detail.locator(".happened")).to_contain_text("停车 5 分")
    detail.locator(".happened button", has_text="停车").click()
    expect(page.locator(".map-replaying")).to_contain_text("已暂停")
    before = page.locator(".map-replaying span").inner_text()
    page.keyboard.press("p")
    expect(page.locator(".map-replaying")).to_contain_text("×10")
    wait_until(lambda: page.locator(".map-replaying span").inner_text() != before, 10, "the replay moves")
    page.keyboard.press("p")
    page.wait_for_url("**pick=**t=**")
    shown = page.locator(".map-replaying span").inner_text().split(" · ")[0]
    page.goto(page.url)
    expect(page.locator(".map-replaying")).to_contain_text(shown, timeout=20_000)
    assert parse_qs(urlsplit(page.url).query)["pick"] == [TRUCK]
    page.keyboard.press("l")
    expect(page.locator(".map-replaying")).to_have_count(0)
    assert not foreign


def test_the_list_stands_when_the_map_does_not(demo: Demo, page: Page) -> None:
    page.route("**/vendor/ol.js", lambda route: route.abort())
    page.goto(f"{demo.http}/map")
    expect(page.locator(".map-failed[role=alert]")).to_be_visible(timeout=20_000)
    page.locator("[data-mark]").first.click()
    expect(page.locator(".map-detail .map-name")).to_be_visible()


def test_on_a_phone_list_map_and_detail_are_tabs_and_nothing_is_cut_off(demo: Demo, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{demo.http}/map?lang=en")
    page.locator("[data-mark]").first.click()
    expect(page.locator(".map-detail .map-name")).to_be_visible()
    expect(page.locator("#map-list")).to_be_hidden()
    page.get_by_role("tab", name="Map", exact=True).click()
    expect(page.locator("#map canvas").first).to_be_visible(timeout=20_000)
    body = page.locator(".map-page")
    assert body.evaluate("one => one.scrollWidth <= one.clientWidth")
