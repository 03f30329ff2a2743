"""The analysis page in a real browser, over a chunk store with more than a year in it."""

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from storage.chunks import ChunkStore
from tests.api.hub import NOW
from tests.e2e.history_site import PEAK, PROBE, SECTIONS, Site, fill

pytestmark = pytest.mark.timeout(120)
WHOLE = f"/history?stations={','.join(SECTIONS)}&properties=nh3_n&compare=last_year"
PEAKED = f"/history?stations={PROBE}&properties=turbidity&from=2026-11-14&to=2026-11-18&step=raw"
DRAWN = '.history-plot[data-drawn="{}"]'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("history")
    with closing(ChunkStore(folder / "store")) as store:
        fill(store, 400, 5)
    (folder / "hub").mkdir()
    with Site(folder / "hub", folder / "store") as running:
        yield running


def logged_in(browser: Browser, site: Site, **options: object) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **({"locale": "zh-CN"} | options))  # type: ignore[arg-type]
    answer = context.request.post(f"{site.http}/v1/session", data={"name": site.name, "password": site.password})
    assert answer.ok, answer.text()
    return context


@pytest.fixture
def page(site: Site, chromium: Browser) -> Iterator[Page]:
    context = logged_in(chromium, site)
    yield opened(context)
    context.close()


def opened(context: BrowserContext) -> Page:
    page = context.new_page()
    # The hub's clock stands still, and so does the browser's.
    page.clock.set_fixed_time(NOW / 1000)
    return page


def test_a_link_shows_the_whole_view(page: Page, site: Site) -> None:
    page.goto(site.http + WHOLE + "&step=1mo&sort=-mean")
    page.wait_for_selector(DRAWN.format(3))
    expect(page.locator("h1")).to_have_text("氨氮 · 月均值")
    expect(page.locator(".history-title")).to_contain_text("GB 3838-2002 III 类(目标) 1.0 mg/L")
    expect(page.locator(".history-side button.chip[aria-pressed=true]")).to_have_text(
        ["氨氮", "近一年", "月", "去年同期"]
    )
    rows = page.locator(".history-table tbody tr")
    expect(rows).to_have_count(3)
    expect(page.locator(".history-words")).to_have_count(0, timeout=20_000)
    means = [float(row.locator("td").first.inner_text()) for row in rows.all()]
    assert means == sorted(means, reverse=True)


def test_back_and_forward_are_steps_of_the_view(page: Page, site: Site) -> None:
    page.goto(site.http + WHOLE)
    page.wait_for_selector(DRAWN.format(3))
    page.get_by_role("button", name="时", exact=True).click()
    expect(page.locator("h1")).to_have_text("氨氮 · 小时均值")
    page.get_by_role("button", name="总磷").click()
    expect(page.locator("h1")).to_have_text("总磷 · 小时均值")
    page.go_back()
    expect(page.locator("h1")).to_have_text("氨氮 · 小时均值")
    page.go_back()
    expect(page.locator("h1")).to_have_text("氨氮 · 日均值")
    page.go_forward()
    expect(page.locator("h1")).to_have_text("氨氮 · 小时均值")
    assert parse_qs(urlsplit(page.url).query)["step"] == ["1h"]


def test_a_copied_link_is_pinned_to_its_days(site: Site, chromium: Browser) -> None:
    context = logged_in(chromium, site, permissions=["clipboard-read", "clipboard-write"])
    page = opened(context)
    page.goto(site.http + WHOLE)
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    asked = parse_qs(urlsplit(page.evaluate("navigator.clipboard.readText()")).query)
    assert (asked["from"], asked["to"], "period" in asked) == (["2025-11-19"], ["2026-11-18"], False)
    context.close()


def test_one_peak_of_five_seconds_is_painted(page: Page, site: Site) -> None:
    page.goto(site.http + PEAKED)
    page.wait_for_selector(DRAWN.format(1))
    expect(page.locator(".history-table tbody td").nth(2)).to_contain_text(str(PEAK))
    # Nothing but the peak's line reaches the upper third: everything else lies around 12.
    painted = """() => {
      const canvas = document.querySelector(".history-plot canvas");
      const [wide, high] = [canvas.width, Math.round(canvas.height * 0.45)];
      const top = Math.round(canvas.height * 0.25);
      const data = canvas.getContext("2d").getImageData(0, top, wide, high - top).data;
      let found = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] < 60 && data[at + 1] > 80 && data[at + 2] > 110 && data[at + 3]) found += 1;
      return found;
    }"""
    assert page.evaluate(painted) > 20
    page.locator(".history-numbers summary").click()
    expect(page.locator(".history-numbers .small").first).to_contain_text("400")


def test_a_drag_asks_for_the_part_alone_and_a_key_shows_all_again(page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "width=" in request.url else None)
    page.goto(site.http + PEAKED)
    page.wait_for_selector(DRAWN.format(1))
    plot = page.locator(".history-plot .u-over").bounding_box()
    assert plot is not None
    height = plot["y"] + plot["height"] / 2
    page.mouse.move(plot["x"] + plot["width"] * 0.4, height)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.5, height, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="还原全时段")).to_be_visible()
    assert "zoom=" in page.url
    page.locator(".history-plot").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".history-readout")).to_contain_text("NTU")
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="还原全时段")).to_have_count(0)
    assert "zoom=" not in page.url
    assert len({parse_qs(urlsplit(url).query)["from"][0] for url in asked}) == 2


def test_each_exceedance_is_listed_and_shown(page: Page, site: Site) -> None:
    page.goto(site.http + WHOLE)
    page.locator(".history-table").get_by_role("button", name="沿江三号站").click()
    runs = page.locator(".history-runs li")
    expect(runs.first).to_contain_text("最重")
    expect(page.locator(".history-runs .small")).to_contain_text(f"共 {runs.count()} 次超标")
    runs.first.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("氨氮 · 原始值")
    assert "zoom=" in page.url


def test_what_is_not_there_is_said_in_words(page: Page, site: Site) -> None:
    page.goto(f"{site.http}/history?stations={SECTIONS[0]},{PROBE}&properties=nh3_n&from=2020-01-01&to=2020-01-31")
    expect(page.locator(".history-nothing")).to_contain_text("该时段没有有效数据")
    expect(page.locator(".history-words").first).to_have_text("该时段没有收到数据")
    page.goto(f"{site.http}/history?stations={SECTIONS[0]}&properties=nh3_n&from=2026-03-19&to=2026-03-20")
    expect(page.locator(".history-words")).to_contain_text("均无效")


def test_what_the_hub_refuses_says_what_to_do(page: Page, site: Site) -> None:
    page.goto(f"{site.http}/history?stations={SECTIONS[0]}&properties=nh3_n&from=1990-01-01&to=2026-11-18&step=1h")
    expect(page.locator("p.failed[role=alert]")).to_contain_text("请选更长的步长,或更短的时段")


def test_a_station_is_found_by_code_and_taken_out_again(page: Page, site: Site) -> None:
    page.goto(site.http + WHOLE)
    page.get_by_role("button", name="添加测站").click()
    page.get_by_role("searchbox").fill("五秒")
    page.locator(".history-picker li", has_text="沿江五秒探头").get_by_role("checkbox").check()
    page.get_by_role("searchbox").fill("w-07")
    page.locator(".history-picker li", has_text="骆驼桥站").get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="完成").click()
    page.get_by_role("button", name="去掉 汇源断面").click()
    assert parse_qs(urlsplit(page.url).query)["stations"] == [f"{SECTIONS[0]},{PROBE}"]


def test_files_hold_what_is_shown(page: Page, site: Site) -> None:
    page.goto(site.http + WHOLE)
    page.wait_for_selector(DRAWN.format(3))
    page.get_by_role("button", name="下载").click()
    links = {one.get_attribute("href") or "" for one in page.locator(".history-menu a").all()}
    assert len(links) == 9
    begins = {"csv": b"department", "xlsx": b"PK", "parquet": b"PAR1"}
    for link in links:
        answer = page.request.get(site.http + link)
        form = parse_qs(urlsplit(link).query)["format"][0]
        assert answer.body().removeprefix(b"\xef\xbb\xbf").startswith(begins[form]), link
        if form == "csv":
            assert all(station.rsplit("/", 1)[1] in answer.text() for station in SECTIONS), link


def test_a_browser_elsewhere_shows_the_sites_days(site: Site, chromium: Browser) -> None:
    context = logged_in(chromium, site, timezone_id="America/New_York", locale="en", color_scheme="dark")
    page = opened(context)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(site.http) else wrong.append(request.url))
    page.goto(site.http + WHOLE + "&lang=en")
    page.wait_for_selector(DRAWN.format(3))
    expect(page.locator(".history-title")).to_contain_text("2025-11-19 to 2026-11-18")
    page.locator(".history-numbers summary").click()
    expect(page.locator(".history-numbers tbody th").first).to_have_text("2025-11-19")
    assert not wrong
    context.close()
