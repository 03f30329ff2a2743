"""The pages around the desk: handover with two signatures, the month, the ways to tell people."""

import pytest
from playwright.sync_api import expect

from tests.api.hub import Hub
from tests.console.desk.conftest import Open

QUICK = 10_000


def test_a_shift_is_given_by_one_and_taken_by_another(hub: Hub, browse: Open, fresh: str) -> None:
    giving = browse("/handover")
    expect(giving.locator(".sheet").first).to_contain_text("一号站", timeout=QUICK)
    giving.keyboard.press("g")
    expect(giving.locator("dialog textarea")).to_be_focused(timeout=QUICK)
    giving.keyboard.insert_text("一号站正在校准")
    giving.keyboard.press("Enter")
    expect(giving.locator(".waiting-shift")).to_contain_text("请接班人登录本人账号签名", timeout=QUICK)
    taking = browse("/handover", "chen", locale="en")
    expect(taking.locator(".waiting-shift")).to_contain_text("一号站正在校准", timeout=QUICK)
    taking.keyboard.press("t")
    expect(taking.locator("dialog textarea")).to_be_focused(timeout=QUICK)
    taking.keyboard.insert_text("seen")
    taking.keyboard.press("Enter")
    expect(taking.locator(".waiting-shift")).to_have_count(0, timeout=QUICK)
    expect(taking.locator(".past").first).to_contain_text("chen")
    newest = hub.get("/v1/shifts").json()["items"][0]
    assert (newest["given_by"], newest["taken_by"], newest["taken_note"]) == ("wang", "chen", "seen")
    assert [one["number"] for one in newest["facts"]["incidents"]] == [fresh]


@pytest.mark.usefixtures("fresh")
def test_the_month_is_drawn_and_a_month_without_anything_says_so(browse: Open) -> None:
    page = browse("/figures?month=2026-11")
    expect(page.locator(".totals dd").first).not_to_have_text("0", timeout=QUICK)
    expect(page.locator(".chart canvas")).to_be_visible(timeout=QUICK)
    assert "format=csv" in (page.locator("a[download]").first.get_attribute("href") or "")
    page.goto(page.url.replace("2026-11", "2026-01"))
    expect(page.locator(".drawing.empty")).to_be_visible(timeout=QUICK)


def test_a_way_is_tried_and_the_vendor_speaks_for_itself(browse: Open) -> None:
    page = browse("/system", "chen")
    row = page.locator("[data-receiver=duty-phone]")
    row.get_by_role("button").click(timeout=QUICK)
    expect(row.locator("q")).to_contain_text("isv.MOBILE_NUMBER_ILLEGAL 非法手机号", timeout=QUICK)
    officer = browse("/system")
    expect(officer.locator("[data-receiver=duty-phone]")).to_be_visible(timeout=QUICK)
    assert officer.locator("[data-receiver] button").count() == 0
