"""Field devices as an engineer sees them at night: who calls, why a stranger is refused, one device's frames, asking it something."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, expect

from simulators.field.connection import drive
from simulators.field.hj212 import Faults, Logger
from tests.e2e.demo import Demo
from tests.engines import wait_until

pytestmark = pytest.mark.timeout(240)
STRANGER = "010000A8900016F000169DC0"
MODBUS = "3302110002G00100000000B7"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("field") / "data") as running:
        call(running, Logger(STRANGER), Logger(MODBUS, faults=Faults("modbus"), st="31"))
        yield running


@pytest.fixture
def page(demo: Demo, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    demo.log_in(page)
    page.goto(f"{demo.http}/field")
    yield page
    context.close()


def call(demo: Demo, *loggers: Logger) -> None:
    """Let loggers call until the hub has turned each of them away."""
    host, _, port = demo.address("hj212").rpartition(":")

    def turned_away() -> set[str]:
        return {one["identity"] for one in demo.get("/v1/field/refusals")["items"]}

    async def talk() -> None:
        drivers = [asyncio.create_task(drive(host, int(port), logger)) for logger in loggers]
        called = {logger.mn for logger in loggers}
        await asyncio.to_thread(wait_until, lambda: called <= turned_away(), 60, "all were turned away")
        for driver in drivers:
            driver.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*drivers, return_exceptions=True)

    asyncio.run(talk())


def test_every_simulated_device_is_connected(page: Page) -> None:
    rows = page.get_by_role("region", name="当前连接").locator("tbody tr")
    expect(rows).to_have_count(8, timeout=30_000)
    expect(page.locator(".listeners li", has_text="JT/T 808")).to_contain_text("已连接 4")


def test_a_stranger_is_shown_with_the_line_that_registers_it(page: Page) -> None:
    refused = page.locator(".refusals li", has_text=STRANGER)
    expect(refused).to_contain_text("未登记设备", timeout=20_000)
    expect(refused.locator("code").last).to_have_text(
        f"hub devices add DEPT/source/NAME --protocol hj212 --identity {STRANGER} --config hub.toml"
    )
    expect(page.locator(".refusals li", has_text="热电厂一号烟囱")).to_contain_text("CRC-16/MODBUS")


def test_a_device_is_found_asked_and_answers(page: Page) -> None:
    expect(page.locator("button[data-pick]").first).to_be_visible(timeout=20_000)
    page.keyboard.press("/")
    page.keyboard.type("石化园区")
    expect(page.locator("button[data-pick]")).to_have_count(1, timeout=20_000)
    page.keyboard.press("Tab")
    page.locator("button[data-pick]").press("Enter")
    detail = page.locator(".field-detail")
    expect(detail).to_contain_text("3302110001W00100000000A1", timeout=20_000)
    frame = detail.locator(".frames pre", has_text="CN=2011").first
    expect(frame).to_contain_text("PW=******", timeout=40_000)
    detail.locator("select[name=command]").select_option("clock.get")
    detail.get_by_role("button", name="发送").click()
    answered = detail.locator("li[data-command='clock.get']").first
    expect(answered).to_have_attribute("data-state", "done", timeout=30_000)
    expect(answered.locator(".values dt").first).to_be_visible()
    detail.locator("select[name=command]").select_option("interval.set")
    expect(detail).to_contain_text("会改变设备的工作状态")
    page.keyboard.press("Escape")
    expect(detail).to_have_count(0)


def test_on_a_phone_nothing_hangs_over_the_edge(demo: Demo, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/field", "/field?pick=zhenhai/water/R01", "/field?lang=en"):
        page.goto(demo.http + path)
        expect(page.locator(".field-page")).to_be_visible(timeout=20_000)
        expect(page.locator(".loading")).to_have_count(0, timeout=20_000)
        width = page.evaluate("document.querySelector('.plain').scrollWidth")
        assert width <= 390, path
