"""The phone page in a real browser: light, in both languages, with and without signal, each deed once."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hub.evidence import Evidence
from storage.evidence import EvidenceFolder
from storage.records import attached
from tests.api.hub import Hub, make_hub
from tests.engines import wait_until
from tests.field_work.conftest import picture
from tests.field_work.site import Site
from tests.field_work.staff import HERE, Staff

MOST_BYTES = 150_000
STATIC = Path(__file__).parents[2] / "api" / "console" / "static" / "task"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, Site]]:
    made = make_hub(tmp_path_factory.mktemp("hub"))
    with Site(made) as site:
        yield made, site
    made.close()


@pytest.fixture
def li(place: tuple[Hub, Site]) -> Staff:
    """Somebody with a link to an incident of their own that has a picture."""
    hub, _ = place
    for row in hub.get("/v1/incidents?open=true").json()["items"]:
        hub.post(f"/v1/incidents/{row['id']}/reject", {"reason": "the test before"})
    hub.clock.advance(60_000)
    hub.alert(start=hub.clock.now() - 60_000)
    staff = Staff.sent(hub, "li-si")
    data = picture(1280, 720)
    sha256 = EvidenceFolder(hub.context.evidence).put(data)
    with hub.records.begin() as tx:
        piece = Evidence(sha256, "overlay", "image/jpeg", len(data), hub.clock.now(), "best")
        attached.attach(tx, staff.incident, piece, by="hub", at=hub.clock.now())
    return staff


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone at the station whose clock is the hub's."""
    here = {"longitude": HERE["lon"], "latitude": HERE["lat"], "accuracy": HERE["accuracy_m"]}
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        locale="zh-CN",
        geolocation=here,  # type: ignore[arg-type]  # the keys are playwright's own
        permissions=["geolocation"],
    )
    yield context
    context.close()


def opened(phone: BrowserContext, place: tuple[Hub, Site], li: Staff, query: str = "") -> Page:
    hub, site = place
    page = phone.new_page()
    page.clock.install(time=hub.clock.now() / 1000)
    page.goto(f"{site.http}/t/{li.token}{query}")
    expect(page.locator("#next")).to_be_visible()
    return page


def tap(page: Page, words: str) -> None:
    expect(page.locator("#next")).to_have_text(words)
    page.clock.run_for(1000)  # a second tap within a moment is taken for a slip
    page.locator("#next").click()


def test_the_page_is_light_and_asks_nobody_else(phone: BrowserContext, place: tuple[Hub, Site], li: Staff) -> None:
    _, site = place
    page = phone.new_page()
    devtools = phone.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    weights: list[int] = []
    asked: list[str] = []
    devtools.on("Network.loadingFinished", lambda event: weights.append(int(event["encodedDataLength"])))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.http}/t/{li.token}", wait_until="networkidle")
    expect(page.locator("figure img")).to_be_visible()
    assert sum(weights) <= MOST_BYTES
    assert [url for url in asked if not url.startswith((site.http, "data:"))] == []
    assert len([url for url in asked if not url.endswith("worker.js")]) <= 12
    links = place[0].get(f"/v1/incidents/{li.incident}/links").json()["items"]
    assert [link["opened"] is not None for link in links] == [True], "who sees the page has read"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_that_can_be_tapped_is_large_and_has_a_name(
    phone: BrowserContext, place: tuple[Hub, Site], li: Staff, language: str, scheme: str
) -> None:
    page = opened(phone, place, li, f"?lang={language}")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.locator("#next").click()
    expect(page.locator(".photos")).to_be_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a, select, label.tile")]
             .filter((one) => one.getBoundingClientRect().height < 44 || one.getBoundingClientRect().width < 44 || !one.textContent.trim())
             .map((one) => one.outerHTML)"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
    assert page.evaluate("[...document.images].every((one) => one.alt)")


def test_a_task_is_done_with_signal(phone: BrowserContext, place: tuple[Hub, Site], li: Staff) -> None:
    page = opened(phone, place, li)
    tap(page, "接单")
    tap(page, "我已到场")
    page.set_input_files("#photo-after", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture(2400, 1800)})
    expect(page.locator(".tile.has")).to_have_count(1)
    wait_until(lambda: "evidence" in li.log()[3:], 15, "the photo is with the hub")
    tap(page, "完成处置")
    page.locator("dialog textarea").fill("已打捞")
    page.locator("dialog select").select_option("litter")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("footer")).to_contain_text("已提交")
    wait_until(lambda: li.row().state == "verifying", 15, "the work is with the hub")
    assert [kind for kind in li.log() if kind != "evidence"] == ["opened", "dispatched", "on_site", "delivered"]
    with place[0].records.read() as tx:
        photo = attached.of(tx, li.incident)[-1]
    assert photo.size <= 300 * 1024
    assert photo.lon == pytest.approx(HERE["lon"])


def test_a_task_is_done_without_signal_and_sent_once(phone: BrowserContext, place: tuple[Hub, Site], li: Staff) -> None:
    page = opened(phone, place, li)
    before = li.log()
    phone.set_offline(True)
    tap(page, "接单")
    tap(page, "我已到场")
    page.set_input_files("#photo-after", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture(800, 600)})
    expect(page.locator(".tile.has")).to_have_count(1)
    tap(page, "完成处置")
    page.locator("dialog textarea").fill("已打捞")
    page.locator("dialog select").select_option("litter")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".banner").first).to_contain_text("4 条")
    assert li.log() == before
    phone.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.clock.run_for(70_000)
    wait_until(lambda: li.row().state == "verifying", 20, "all of it is with the hub")
    expect(page.locator(".banner")).to_have_count(0)
    assert li.log()[len(before) :] == ["dispatched", "on_site", "evidence", "delivered"]
    page.reload()
    expect(page.locator("footer")).to_contain_text("已提交")
    assert li.log()[len(before) :] == ["dispatched", "on_site", "evidence", "delivered"]


def test_the_page_opens_without_signal_and_keeps_what_waits(
    phone: BrowserContext, place: tuple[Hub, Site], li: Staff
) -> None:
    page = opened(phone, place, li)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    kept = "caches.open('task-1').then((one) => one.keys()).then((keys) => keys.length >= 5)"
    wait_until(lambda: bool(page.evaluate(kept)), 15, "the page is kept on the phone")
    phone.set_offline(True)
    tap(page, "接单")
    expect(page.locator(".banner").first).to_contain_text("1 条")
    page.close()
    again = opened(phone, place, li)
    expect(again.locator(".banner").first).to_contain_text("1 条")
    expect(again.locator("#next")).to_have_text("我已到场")
    phone.set_offline(False)
    again.evaluate("dispatchEvent(new Event('online'))")
    again.clock.run_for(70_000)
    wait_until(lambda: li.row().owner == "li-si", 20, "it is with the hub")
    assert li.log().count("dispatched") == 1


def test_a_refusal_is_shown_in_its_own_words(phone: BrowserContext, place: tuple[Hub, Site], li: Staff) -> None:
    hub, _ = place
    page = opened(phone, place, li)
    assert Staff.sent(hub, "zhao-liu").do("accept").is_success
    tap(page, "接单")
    expect(page.locator(".banner.bad")).to_contain_text("zhao-liu 已接单")
    page.locator(".banner.bad button").click()
    expect(page.locator(".banner.bad")).to_have_count(0)


def test_a_page_on_plain_http_says_so_and_goes_on_by_hand(
    phone: BrowserContext, place: tuple[Hub, Site], li: Staff
) -> None:
    hub, site = place
    page = phone.new_page()
    page.clock.install(time=hub.clock.now() / 1000)
    page.route(
        "http://hub.test/**",
        lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace("http://hub.test", site.http))),
    )
    page.goto(f"http://hub.test/t/{li.token}")
    expect(page.locator(".banner").first).to_contain_text("未使用 HTTPS")
    page.locator("#next").click()
    expect(page.locator("#next")).to_have_text("我已到场")
    expect(page.locator(".steps .done")).to_have_count(1)
    tap(page, "我已到场")
    page.locator("dialog .chip").first.click()
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".steps .done")).to_have_count(2)
    expect(page.locator(".steps")).to_contain_text("手动到场")
    assert li.row().state == "on_site"
    assert page.evaluate("isSecureContext") is False


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 1000])
def test_the_phone_s_own_sha_256_is_right(phone: BrowserContext, place: tuple[Hub, Site], length: int) -> None:
    _, site = place
    page = phone.new_page()
    page.goto(f"{site.http}/static/task/phone.js")
    data = bytes(place % 251 for place in range(length))
    script = """async (octets) => {
      const { digestOf } = await import("/static/task/phone.js");
      return [...digestOf(new Uint8Array(octets))].map((one) => one.toString(16).padStart(2, "0")).join("");
    }"""
    page.goto(f"{site.http}/login")
    assert page.evaluate(script, list(data)) == hashlib.sha256(data).hexdigest()
