"""Setting a camera up on its picture, and teaching it: what a person draws is what the hub keeps."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.api.hub import Hub
from tests.console.cameras.story import keep_day, label

Browse = Callable[..., Page]


def test_water_is_drawn_by_mouse_and_saved(browse: Browse, hub: Hub) -> None:
    page = browse("/cameras/north/quay-3?view=setup")
    expect(page.locator(".findings")).to_contain_text("至少画一块水域")
    page.get_by_role("button", name="+ 水域").click()
    canvas = page.locator("svg.canvas")
    for share in ((0.2, 0.3), (0.8, 0.3), (0.8, 0.7), (0.2, 0.7)):
        _click(canvas, *share)
    page.keyboard.press("Control+z")
    _click(canvas, 0.2, 0.7)
    page.get_by_role("button", name="闭合").click()
    expect(page.locator(".side .save")).to_contain_text("以画面百分比工作")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".side .save")).to_contain_text("由 admin 保存")
    config = hub.get("/v1/patrol/cameras/north/quay-3").json()["config"]
    assert [round(value / 8) for point in config["water"][0]["points"] for value in point] == [
        round(value / 8) for value in (128, 108, 512, 108, 512, 252, 128, 252)
    ]


def test_a_zone_is_drawn_and_nudged_by_keyboard(browse: Browse) -> None:
    page = browse("/cameras/north/gate-4?view=setup", locale="en")
    page.get_by_role("button", name="+ Water").click()
    page.locator("svg.canvas").focus()
    for moves in ("ArrowLeft", "ArrowRight", "ArrowDown"):
        for _ in range(8):
            page.keyboard.press(moves)
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".zone.z-water")).to_have_count(1)
    corner = page.get_by_role("button", name="Corner 1 (560, 360)")
    corner.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("button", name="Corner 1 (550, 360)")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".zone.z-water")).to_have_count(0)


def test_a_point_measured_wrong_is_named_and_cannot_be_saved(browse: Browse) -> None:
    page = browse("/cameras/north/bridge-1?view=setup")
    east = page.get_by_label("点 5 的东 (m)")
    east.fill("9")
    east.press("Tab")
    expect(page.locator(".findings")).to_contain_text("地面点 5")
    expect(page.locator(".findings")).to_contain_text("请重新测量")
    expect(page.get_by_role("button", name="保存", exact=True)).to_be_disabled()
    expect(page.locator(".handle.ground.bad")).not_to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".side .save")).to_contain_text("以米测量")


def test_the_effect_on_the_last_day_is_seen_before_saving(browse: Browse, hub: Hub) -> None:
    keep_day(hub)
    page = browse("/cameras/north/bridge-1?view=setup", locale="en")
    page.get_by_role("button", name="Try it on the last 24 h").click()
    expect(page.locator(".side")).to_contain_text("of 3 pictures", timeout=30_000)


def test_an_officer_may_try_and_not_save(browse: Browse) -> None:
    page = browse("/cameras/north/bridge-1?view=setup", who="wang", locale="en")
    expect(page.locator(".side .save")).to_contain_text("Only administrators save")


def test_a_verifier_is_taught_compared_adopted_and_reverted(browse: Browse, hub: Hub) -> None:
    label(hub, 60)
    page = browse("/cameras/north/bridge-1?view=learning", locale="en")
    expect(page.locator(".learning .count")).to_contain_text("/ 50")
    page.get_by_role("button", name="Teach").click()
    expect(page.locator(".compared")).to_contain_text("Balanced accuracy", timeout=30_000)
    page.get_by_role("button", name="Adopt").click()
    expect(page.locator(".models .adopted")).to_contain_text("at work")
    page.get_by_role("button", name="Back to the shipped one").click()
    expect(page.locator(".learning")).to_contain_text("The shipped verifier is at work")
    assert hub.get("/v1/patrol/cameras/north/bridge-1/learning").json()["adopted"] is None


def _click(canvas: Locator, across: float, down: float) -> None:
    """A click at a share of the picture, whatever room is left around it."""
    canvas.evaluate(
        """(svg, [x, y]) => {
            const [w, h] = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
            const at = new DOMPoint(x * w, y * h).matrixTransform(svg.getScreenCTM());
            svg.dispatchEvent(new PointerEvent("pointerdown", { clientX: at.x, clientY: at.y, button: 0, bubbles: true }));
        }""",
        [across, down],
    )
