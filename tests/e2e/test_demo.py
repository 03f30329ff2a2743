"""The main job, as a duty officer and a device see it: a reading is published, a row is painted, a key takes it on."""

import json
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Page, expect

from hub.clock import SystemClock
from tests.e2e.demo import Demo
from tests.engines import wait_until

pytestmark = pytest.mark.timeout(240)
STATION = "zhenhai/water/E2E-1"
RULE = """\
[rule]
id = "e2e-ph"
name = { zh = "端到端 pH", en = "End-to-end pH" }
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("demo") / "data") as running:
        yield running


@pytest.fixture
def page(demo: Demo, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 860}, locale="zh-CN")
    page = context.new_page()
    page.goto(demo.http)
    page.fill("input[name=name]", "admin")
    page.fill("input[name=password]", demo.password)
    page.click("button[type=submit]")
    page.wait_for_selector("#incidents")
    yield page
    context.close()


def publish(demo: Demo, secret: str, value: float) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(STATION, secret)
    client.connect("127.0.0.1", demo.mqtt_port)
    client.loop_start()
    body = {"ts": SystemClock().now(), "values": {"ph": value}}
    info = client.publish(f"hub/{STATION}/telemetry", json.dumps(body), qos=1)
    info.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def test_the_simulated_district_alarms_and_is_seen(demo: Demo, page: Page) -> None:
    row = page.locator("#incidents [role=option]").first
    expect(row).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="站点").click()
    expect(page.locator(".stations tr").first).to_be_visible()
    assert demo.get("/v1/alerts?open=true")["items"]


def test_a_published_reading_is_painted_and_taken_on_by_keyboard(demo: Demo, page: Page) -> None:
    device = STATION.rsplit("/", 1)[1]
    with demo.client() as client:
        answer = client.post("/v1/devices", json={"station": STATION, "period_s": 5})
        assert answer.is_success, answer.text
        secret = answer.json()["secret"]
        rule = {
            "kind": "level",
            "property": "ph",
            "above": {"1": 9.0},
            "targets": [f"*/*/{device}"],
            "name_zh": "端到端",
            "name_en": "End to end",
        }
        answer = client.put("/v1/rules/e2e-ph", json=rule)
        assert answer.is_success, answer.text
    publish(demo, secret, 7.2)
    wait_until(lambda: demo.get(f"/v1/observations/latest?device={device}")["items"], 30, "the reading is in the store")
    publish(demo, secret, 11.5)
    row = page.locator("#incidents [role=option]", has_text=device)
    expect(row).to_be_visible(timeout=30_000)
    row.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    page.keyboard.type("已派人现场核查")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0, timeout=10_000)
    wait_until(
        lambda: [one for one in demo.get(f"/v1/incidents?device={device}")["items"] if one["state"] == "acknowledged"],
        20,
        "the incident is acknowledged",
    )
    assert demo.get(f"/v1/incidents?device={device}")["items"][0]["acknowledged_by"] == "admin"


def test_no_page_asks_another_origin(demo: Demo, page: Page) -> None:
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: None if request.url.startswith((demo.http, "data:", "blob:")) else foreign.append(request.url),
    )
    for path in ("/", "/dead-letters", "/system", "/?lang=en", "/v1/docs"):
        page.goto(demo.http + path)
        page.wait_for_load_state("load")
    assert not foreign


def test_a_message_that_cannot_be_taken_is_on_the_dead_letter_page(demo: Demo, page: Page) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(
        "zhenhai/source/simulator", (demo.folder / "secrets" / "gateway").read_text(encoding="utf-8").strip()
    )
    client.connect("127.0.0.1", demo.mqtt_port)
    client.loop_start()
    client.publish("hub/zhenhai/water/W01/telemetry", b"{not json", qos=1).wait_for_publish(20)
    client.disconnect()
    client.loop_stop()
    page.goto(f"{demo.http}/dead-letters")
    expect(page.locator("tr", has_text="hub/zhenhai/water/W01/telemetry").first).to_be_visible(timeout=20_000)


def test_ctrl_c_ends_everything_and_the_next_start_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Demo(folder) as first:
        wait_until(lambda: first.get("/v1/incidents")["items"], 60, "the first incident")
        before = {one["id"] for one in first.get("/v1/incidents")["items"]}
        children = first.children()
        assert first.stop() == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    with Demo(folder) as second:
        assert before <= {one["id"] for one in second.get("/v1/incidents")["items"]}
        last = max(one["time"] for one in second.get("/v1/observations/latest")["items"])
        wait_until(
            lambda: max(one["time"] for one in second.get("/v1/observations/latest")["items"]) > last,
            30,
            "new readings",
        )
