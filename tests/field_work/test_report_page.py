"""The console's form for what people report, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.hub import PASSWORD, Hub, make_hub
from tests.field_work.conftest import picture
from tests.field_work.site import Site


@pytest.fixture
def form(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Hub, Page]]:
    """The form, before an officer."""
    made = make_hub(tmp_path)
    with Site(made) as site:
        context = chromium.new_context(viewport={"width": 1100, "height": 900}, locale="zh-CN")
        page = context.new_page()
        page.goto(f"{site.http}/login?next=/report")
        page.fill("input[name=name]", "wang")
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        expect(page.locator("form.report")).to_be_visible()
        yield made, page
        context.close()
    made.close()


def test_a_call_becomes_an_incident_and_the_next_one_joins_it(form: tuple[Hub, Page]) -> None:
    hub, page = form

    def call(text: str, photo: bytes | None = None) -> None:
        page.fill("textarea[name=text]", text)
        page.fill("input[name=point]", "121.7, 29.9")
        page.fill("input[name=place]", "老桥")
        page.fill("input[name=phone]", "13800001234")
        if photo is not None:
            page.set_input_files("input[name=photo]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
        page.click("form.report button")

    call("桥下有大片漂浮物", picture(640, 480))
    expect(page.locator(".report-told")).to_contain_text("已登记为事件 north-20261118-1")
    expect(page.locator(".report-told")).to_contain_text("照片已附上")
    call("桥下垃圾")
    expect(page.locator(".report-told li")).to_contain_text("相距 0 m")
    page.locator(".report-told li button").click()
    expect(page.locator(".report-told")).to_contain_text("已并入事件 north-20261118-1")
    items = hub.get("/v1/incidents").json()["items"]
    assert [one["number"] for one in items] == ["north-20261118-1"]
    whole = hub.get("/v1/incidents/north-20261118-1").json()
    assert [one["kind"] for one in whole["log"]] == ["reported", "evidence", "reported"]
