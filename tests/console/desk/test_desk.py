"""A bad night at the duty desk: seen, judged, sent on, by keyboard, beside other officers and with a poor line."""

import pytest
from playwright.sync_api import expect

from tests.api.hub import Hub
from tests.console.desk.conftest import Open
from tests.engines import wait_until

QUICK = 10_000


def _whole(hub: Hub, number: str) -> dict[str, object]:
    found: dict[str, object] = hub.get(f"/v1/incidents/{number}").json()
    return found


def _kinds(hub: Hub, number: str) -> list[str]:
    log = _whole(hub, number)["log"]
    assert isinstance(log, list)
    return [one["kind"] for one in log]


def test_two_keys_send_the_best_person_who_is_named_with_the_reason(hub: Hub, browse: Open, fresh: str) -> None:
    page = browse("/")
    row = page.locator("#incidents [role=option]")
    expect(row).to_have_count(1, timeout=QUICK)
    expect(row).to_contain_text("氨氮超标")
    expect(row.locator("[role=img]")).to_have_attribute("aria-label", "II 级")
    expect(page.locator("article.incident")).to_have_attribute("aria-label", fresh)
    assert [one.split() for one in page.locator("button.primary").all_inner_texts()] == [["派单", "D"]]
    expect(page).to_have_title("(1) 值班台 · Streamwarden")
    page.keyboard.press("d")
    first = page.locator("dialog .choice").first
    expect(first).to_contain_text("当班至")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0, timeout=QUICK)
    expect(page.locator("[role=tab][aria-selected=true]").first).to_contain_text("待处置0")
    expect(page.locator(".incident-head")).to_contain_text("已派单")
    whole = _whole(hub, fresh)
    assert (whole["state"], whole["acknowledged_by"]) == ("dispatched", "wang")
    assert whole["owner"] in ("wang", "li")


def test_a_false_alarm_has_a_cause_and_a_double_click_is_one(hub: Hub, browse: Open, fresh: str) -> None:
    page = browse("/")
    page.locator("[data-action=acknowledge]").dblclick(timeout=QUICK)
    expect(page.locator(".incident-head")).to_contain_text("已签收", timeout=QUICK)
    assert _kinds(hub, fresh).count("acknowledged") == 1
    page.keyboard.press("f")
    page.locator("dialog .choice", has_text="天气影响").click()
    page.locator("dialog button[type=submit]").dblclick()
    expect(page.locator(".incident-head")).to_contain_text("误报", timeout=QUICK)
    whole = _whole(hub, fresh)
    assert (whole["state"], whole["cause_code"], _kinds(hub, fresh).count("rejected")) == ("rejected", "runoff", 1)


def test_who_is_overtaken_reads_who_did_what(hub: Hub, browse: Open, fresh: str) -> None:
    page = browse("/")
    expect(page.locator("[data-action=reject]")).to_be_visible(timeout=QUICK)
    page.keyboard.press("f")
    expect(page.locator("dialog")).to_be_visible()
    assert hub.post(f"/v1/incidents/{fresh}/acknowledge", {"reason": "已电话核实"}, "officer").status_code == 200
    page.locator("dialog button[type=submit]").click()
    notice = page.locator(".notice")
    expect(notice).to_contain_text("officer 签收：已电话核实", timeout=QUICK)
    expect(page.locator(".incident-head")).to_contain_text("已签收")
    assert _whole(hub, fresh)["state"] == "acknowledged"


def test_closing_too_early_says_what_is_missing_and_keeps_what_was_written(hub: Hub, browse: Open, fresh: str) -> None:
    hub.post(f"/v1/incidents/{fresh}/acknowledge", {"reason": "x"}, "officer")
    page = browse(f"/incidents/{fresh}")
    expect(page.locator(".contract")).to_contain_text("仍有报警未恢复", timeout=QUICK)
    page.keyboard.press("e")
    expect(page.locator("dialog textarea")).to_be_focused(timeout=QUICK)
    page.keyboard.insert_text("已清理")
    page.keyboard.press("Enter")
    expect(page.locator("dialog [role=alert]")).to_contain_text("仍有报警未恢复", timeout=QUICK)
    assert page.input_value("dialog textarea") == "已清理"
    assert _whole(hub, fresh)["state"] == "acknowledged"


def test_a_leader_closes_it_all_the_same_and_that_is_shown(hub: Hub, browse: Open, fresh: str) -> None:
    hub.post(f"/v1/incidents/{fresh}/acknowledge", {"reason": "x"}, "officer")
    page = browse(f"/incidents/{fresh}", "chen", width=390)
    page.locator("[data-action=close]").click(timeout=QUICK)
    page.fill("dialog textarea", "转交上级部门")
    page.check("dialog input[type=checkbox]")
    page.click("dialog button[type=submit]")
    expect(page.locator(".incident-head")).to_contain_text("领导越权办结", timeout=QUICK)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert _whole(hub, fresh)["overridden"] is True


@pytest.mark.usefixtures("fresh")
def test_the_list_and_the_actions_stand_when_the_map_does_not(browse: Open) -> None:
    page = browse("/login")
    page.route("**/vendor/ol.js", lambda route: route.abort())
    page.goto(page.url.replace("/login", "/"))
    expect(page.locator(".place .drawing.failed")).to_be_visible(timeout=QUICK)
    expect(page.locator("[data-action=acknowledge]")).to_be_visible(timeout=QUICK)
    page.keyboard.press("a")
    expect(page.locator(".incident-head")).to_contain_text("已签收", timeout=QUICK)


@pytest.mark.usefixtures("fresh")
def test_a_new_alarm_is_shown_and_counted_and_a_blocked_sound_says_so(hub: Hub, browse: Open) -> None:
    page = browse("/")
    expect(page.locator(".banner")).to_be_visible(timeout=QUICK)
    page.locator(".banner button").click()
    expect(page.locator(".banner")).to_have_count(0)
    report = {"type": "debris", "text": "桥下漂浮物", "place": "老桥", "lon": 121.9, "lat": 29.5}
    assert hub.post("/v1/reports", report).status_code == 201
    expect(page.locator("#incidents [role=option]", has_text="桥下漂浮物")).to_be_visible(timeout=QUICK)
    expect(page).to_have_title("(2) 值班台 · Streamwarden")


def test_two_tabs_share_one_stream_and_the_second_goes_on_when_the_first_closes(
    hub: Hub, browse: Open, fresh: str
) -> None:
    first = browse("/")
    asked: list[str] = []
    second = first.context.new_page()
    second.on("request", lambda one: asked.append(one.url) if "/v1/events" in one.url else None)
    second.goto(first.url)
    row = "#incidents [role=option]"
    expect(second.locator(row)).to_have_count(1, timeout=QUICK)
    hub.post(f"/v1/incidents/{fresh}/acknowledge", {"reason": "x"}, "officer")
    expect(second.locator(row)).to_have_count(0, timeout=QUICK)
    assert not asked
    first.close()
    wait_until(lambda: (second.evaluate("1"), asked)[1], 15, "the second tab leads")
    hub.post(f"/v1/incidents/{fresh}/reject", {"reason": "x"}, "officer")
    expect(second.locator(".incident-head")).to_contain_text("误报", timeout=QUICK)


@pytest.mark.usefixtures("fresh")
def test_the_wall_has_nothing_to_press_and_large_ages(browse: Open) -> None:
    page = browse("/?wall")
    expect(page.locator("[data-incident]")).to_have_count(1, timeout=QUICK)
    assert page.locator("button:visible, input:visible, select:visible").count() == 0
    assert page.locator("[data-incident] .age").evaluate("one => parseInt(getComputedStyle(one).fontSize)") >= 28


def test_the_page_of_an_incident_explains_who_was_told_and_gives_a_link(hub: Hub, browse: Open, fresh: str) -> None:
    page = browse(f"/incidents/{fresh}", locale="en")
    page.locator("select[name=explain]").select_option("li", timeout=QUICK)
    expect(page.locator(".card", has_text="Why was who").locator(".explained, p").first).to_be_attached(timeout=QUICK)
    assert page.locator("a[download]").first.get_attribute("href") == (
        f"/v1/incidents/{_whole(hub, fresh)['id']}/case?format=zip&language=en"
    )
