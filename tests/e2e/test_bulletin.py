"""The bulletin as a bureau's officer reads it: a month of two sections and an air station, its comparisons, its files, its link, its print."""

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from hub.catalogue import Device
from storage.records.register import put_device
from tests.api.hub import NOW, PASSWORD, Hub, make_hub
from tests.engines import free_port, wait_until

pytestmark = pytest.mark.timeout(120)
SITE = ZoneInfo("Asia/Shanghai")
HOUR = 3_600_000
CLEAN = {"ph": 7.2, "do": 7.6, "cod_mn": 3.1, "nh3_n": 0.4, "tp": 0.08}
FOUL = {**CLEAN, "cod_mn": 13.2, "nh3_n": 1.2}
AIR = {"so2": 10.0, "no2": 20.0, "co": 0.5, "o3": 60.0, "pm10": 60.0, "pm2_5": 30.0}
HAZE = {**AIR, "pm2_5": 90.0}


def days(hub: Hub, station: str, values: Mapping[str, float], first: str, count: int) -> None:
    start = int(datetime.fromisoformat(first).replace(tzinfo=SITE).timestamp() * 1000)
    times = [start + hour * HOUR for hour in range(24 * count)]
    hub.write(station, {name: [value] * len(times) for name, value in values.items()}, times)


def fill(hub: Hub) -> None:
    devices = [
        Device("north/water/w1", "北闸断面", "North sluice", period_ms=HOUR, target_class="III"),
        Device("north/water/w2", "骆驼桥断面", "Camel bridge", period_ms=HOUR, target_class="III"),
        Device("north/water/w3", "九龙湖断面", "Nine Dragon lake", period_ms=HOUR, water_body="lake"),
        Device("north/air/a1", "龙赛站", "Longsai", period_ms=HOUR),
    ]
    with hub.records.begin() as tx:
        for device in devices:
            put_device(tx, device, actor="test", at=NOW)
    assert all(hub.context.register.wait_for(device) for device in devices)
    for month, first in ((31, "2026-10-01"), (30, "2026-09-01"), (31, "2025-10-01")):
        days(hub, "north/water/w1", CLEAN, first, month)
        days(hub, "north/water/w2", FOUL if first == "2026-10-01" else CLEAN, first, month)
        days(hub, "north/air/a1", AIR, first, month)
    days(hub, "north/air/a1", HAZE, "2026-10-11", 2)
    days(hub, "north/air/a1", {"so2": float("nan")}, "2026-10-20", 1)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    hub, port = make_hub(tmp_path_factory.mktemp("bulletin")), free_port()
    fill(hub)
    server = uvicorn.Server(uvicorn.Config(hub.app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, 20, "the hub answers")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    hub.close()


@pytest.fixture(scope="module")
def officer(address: str, chromium: Browser) -> Iterator[BrowserContext]:
    """An officer who logged in, in a browser far from the site's zone."""
    size: ViewportSize = {"width": 1440, "height": 900}
    context = chromium.new_context(viewport=size, locale="zh-CN", timezone_id="America/New_York")
    page = context.new_page()
    page.goto(f"{address}/login")
    page.fill("input[name=name]", "wang")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector(".top nav")
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(address: str, officer: BrowserContext) -> Iterator[Page]:
    page = officer.new_page()
    page.goto(f"{address}/bulletin?department=north&period=month&date=2026-10&lang=zh")
    expect(page.locator(".bulletin .sheet")).to_have_count(2)
    yield page
    page.close()


def row(page: Page, name: str) -> list[str]:
    cells = page.locator(".sheet tbody tr", has=page.get_by_role("rowheader", name=name)).locator("td")
    return [" ".join(text.split()) for text in cells.all_inner_texts()]


def test_a_month_of_water_and_air(page: Page) -> None:
    assert row(page, "骆驼桥断面") == [
        "Ⅴ类",
        "中度污染",
        "Ⅲ类 未达标",
        "高锰酸盐指数(1.2)、氨氮(0.2)",
        "Ⅱ类 ↓ 明显变差",
        "Ⅱ类 ↓ 明显变差",
        "100.0 %",
    ]
    assert row(page, "北闸断面")[:5] == ["Ⅱ类", "优", "Ⅲ类 达标", "–", "Ⅱ类 无明显变化"]
    assert row(page, "九龙湖断面")[:2] == ["–", "未评价"]
    assert row(page, "龙赛站")[:4] == [
        "29/31 天 93.5 %",
        "可吸入颗粒物 29 天、细颗粒物 2 天",
        "100.0 % ↓6.5 个百分点",
        "100.0 % ↓6.5 个百分点",
    ]
    expect(page.locator(".bulletin")).to_contain_text("达到水质目标 1/2 个")
    expect(page.locator(".notes")).to_contain_text("九龙湖断面 无有效数据,不评价")
    expect(page.locator(".sources")).to_contain_text("GB 3838-2002 表1")
    cell = page.locator(".course tbody td").nth(10)
    assert cell.inner_text().split()[0] == "128"
    assert "轻度污染, 橙色" in (cell.get_attribute("title") or "")
    assert page.locator(".course tbody td").count() == 31


def test_the_link_carries_the_view_and_files_come_of_it(page: Page) -> None:
    page.get_by_role("button", name="下一期").click()
    expect(page.locator(".bulletin > header")).to_contain_text("2026年11月")
    assert parse_qs(urlsplit(page.url).query) == {"period": ["month"], "date": ["2026-11"], "department": ["north"]}
    page.get_by_role("button", name="日报").click()
    page.locator("input[type=date]").fill("2026-10-11")
    page.locator("input[type=date]").blur()
    expect(page.locator(".course tbody td")).to_have_count(24)
    page.reload()
    expect(page.locator(".course tbody td")).to_have_count(24)
    assert row(page, "龙赛站")[:3] == ["128", "轻度污染", "细颗粒物"]
    with page.expect_download() as download:
        page.locator(".files a", has_text="CSV").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "骆驼桥断面" in text
    assert "高锰酸盐指数(1.2)、氨氮(0.2)" in text


def test_it_prints_without_what_only_a_screen_needs(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in (".top", ".bulletin-tools"):
        expect(page.locator(hidden)).to_be_hidden()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.bulletin')).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert page.pdf().startswith(b"%PDF")


def test_in_english_no_word_is_left_behind(page: Page, address: str) -> None:
    page.goto(f"{address}/bulletin?department=north&period=month&date=2026-10&lang=en")
    expect(page.locator(".bulletin .sheet")).to_have_count(2)
    assert row(page, "Camel bridge")[:4] == [
        "Class Ⅴ",
        "Moderate pollution",
        "Class Ⅲ not met",
        "Permanganate index(1.2), Ammonia nitrogen(0.2)",
    ]
    expect(page.locator(".course tbody td").nth(10)).to_have_attribute(
        "title", "2026-10-11 00:00 Light pollution, orange"
    )
