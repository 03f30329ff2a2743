"""The gate: each way a picture can be useless has its own name, and a good one is let through."""

from collections.abc import Callable, Iterable

import cv2
import numpy as np
import pytest

from tests.vision.see.drawn import HEIGHT, SHORE, START, WIDTH, picture, view
from vision.frame import Frame, Image, Quality
from vision.quality.gate import Gate
from vision.quality.stillness import QUICK_MS, SURE_MS


def judged(pictures: Iterable[Image], step: int = 500) -> list[Quality]:
    gate = Gate(view().water_pixels(WIDTH, HEIGHT), WIDTH / HEIGHT)
    found = []
    for number, bgr in enumerate(pictures):
        grey = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
        small = np.asarray(cv2.resize(bgr, (WIDTH, HEIGHT)), np.uint8)
        grey = np.asarray(cv2.resize(grey, (WIDTH, HEIGHT)), np.uint8)
        found.append(gate.step(Frame("c", START + number * step, number, bgr), small, grey))
    return found


def shifted(bgr: Image, dx: int, dy: int) -> Image:
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return np.asarray(cv2.warpAffine(bgr, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT), np.uint8)


def rippling(number: int) -> Image:
    """The river with another roughness everywhere in each picture, and a faint bank behind."""
    chance = np.random.default_rng(1000 + number)
    waves = sum(
        14 * cv2.resize(chance.standard_normal((HEIGHT // grain, WIDTH // grain)), (WIDTH, HEIGHT)) for grain in (3, 8)
    )
    return np.asarray(np.clip(0.35 * picture(number) + 60 + np.asarray(waves)[..., None], 0, 255), np.uint8)


def veiled(bgr: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(bgr * 0.08 + 170, (0, 0), 5), np.uint8)


def misty(bgr: Image, sight: float, number: int) -> Image:
    """The river in fog: a third is left of what is `sight` metres away; the water begins at 20 m, its far shore is 400 m off."""
    up = np.clip((HEIGHT - np.arange(HEIGHT)) / (HEIGHT - SHORE), 0, 1)[:, None, None]
    through = np.exp(-(20 + 380 * up**2) / sight)
    soft = cv2.GaussianBlur(bgr * through + 200 * (1 - through), (0, 0), 1.5)
    return np.asarray(soft + np.random.default_rng(number).normal(0, 1.8, bgr.shape), np.uint8)


def dazzled(bgr: Image) -> Image:
    bright = bgr.copy()
    bright[HEIGHT // 2 :] = 255
    return bright


def test_a_good_picture_is_let_through_in_colour_and_in_grey() -> None:
    for grey in (False, True):
        found = judged([picture(n, grey=grey) for n in range(6)])
        assert {one.state for one in found} == {"ok"}
        assert all(one.infrared is grey for one in found)
        assert found[-1].noise == pytest.approx(2, rel=0.5) or grey


@pytest.mark.parametrize(
    ("spoil", "state", "cause"),
    [
        (lambda bgr: bgr // 40, "black", "dark"),
        (lambda bgr: bgr // 7, "blind", "night"),
        (lambda bgr: np.full_like(bgr, 90), "blind", "covered"),
        (veiled, "blind", "covered"),
        (lambda bgr: cv2.GaussianBlur(bgr, (0, 0), 3.5), "degraded", "blur"),
        (dazzled, "degraded", "glare"),
        (lambda bgr: bgr[:, : WIDTH // 2], "moved", "size"),
    ],
)
def test_each_trouble_has_its_name(spoil: Callable[[Image], Image], state: str, cause: str) -> None:
    good = [picture(n) for n in range(5)]
    found = judged([*good, *(np.ascontiguousarray(spoil(picture(n)), np.uint8) for n in range(5, 8))])
    assert {one.state for one in found[:5]} == {"ok"}
    assert (found[-1].state, found[-1].cause) == (state, cause)


def clocked(bgr: Image, number: int) -> Image:
    """The picture with a clock written into it."""
    shown = bgr.copy()
    cv2.putText(shown, str(number), (4, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    return shown


def evening(light: float, grain: float, number: int) -> Image:
    """The river from the last light (1) to lamplight (0), where the far half is black; `grain` is what the camera leaves of its noise."""
    chance = np.random.default_rng(number)
    shade = np.where(np.arange(WIDTH)[None, :, None] < WIDTH // 2, 0.4 + 0.6 * light, 0.02 + 0.98 * light)
    lit = picture(0, grey=True, noise=0) * shade + chance.normal(0, grain, (HEIGHT, WIDTH, 1))
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def test_a_picture_that_stays_the_same_is_frozen_within_eight_seconds() -> None:
    held = picture(0)
    found = judged([held] * (QUICK_MS // 500 + 1))
    assert found[-2].state == "ok"
    assert (found[-1].state, found[-1].cause) == ("frozen", "same")


@pytest.mark.parametrize("rewritten", [0, 1])
def test_a_clock_that_runs_on_does_not_hide_that_it_is_frozen(rewritten: int) -> None:
    """Once the camera is known to be restless otherwise, also where an encoder writes the rest anew."""
    step, live, still = 2000, 70, QUICK_MS // 2000 + 1
    chance = np.random.default_rng(1)
    held = [picture(live) + chance.integers(0, rewritten + 1, (HEIGHT, WIDTH, 1), np.uint8) for _ in range(still)]
    frozen = [clocked(np.asarray(bgr), number) for number, bgr in enumerate(held)]
    found = judged([*(clocked(picture(number), number) for number in range(live)), *frozen], step)
    assert {one.state for one in found[:-1]} == {"ok"}
    assert (found[-1].state, found[-1].cause) == ("frozen", "noiseless")


def test_a_stream_that_was_frozen_from_the_start_is_told_a_little_later() -> None:
    found = judged(clocked(picture(0), number) for number in range(SURE_MS // 500 + 2))
    assert found[SURE_MS // 500 - 1].state == "ok"
    assert (found[-1].state, found[-1].cause) == ("frozen", "noiseless")


@pytest.mark.parametrize("last", [0.1, 0.4])
@pytest.mark.parametrize("dusk", [0, 50])
def test_a_still_night_is_not_frozen(dusk: int, last: float) -> None:
    """Its camera smooths nearly all noise away, by and by or with a switch of the light, and what is black shows none."""
    restless = [evening(max(0.0, 1 - number / 20) if dusk else 1.0, 2, number) for number in range(25)]
    softer = [evening(0, float(grain), number) for number, grain in enumerate(np.geomspace(2, last, dusk))]
    night = [evening(0, last, number) for number in range(20)]
    assert "frozen" not in {one.state for one in judged([*restless, *softer, *night], 20_000)}


def test_a_snapshot_that_the_camera_renews_seldom_is_not_frozen() -> None:
    """Learned from the first of them, that is renewed just in time; a dead one is told all the same."""
    renewed = [picture(number // 14) for number in range(14 * 4)]
    found = judged([*renewed, *[picture(4)] * 24])
    assert {one.state for one in found[: len(renewed)]} == {"ok"}
    assert found[-1].cause == "same"


def test_a_clock_that_is_set_back_begins_anew() -> None:
    gate = Gate(view().water_pixels(WIDTH, HEIGHT), WIDTH / HEIGHT)
    held = picture(0)
    grey = np.asarray(cv2.cvtColor(held, cv2.COLOR_BGR2GRAY), np.uint8)
    times = [*range(START, START + 4000, 500), *range(START - 3_600_000, START - 3_600_000 + QUICK_MS + 1, 500)]
    told = [gate.step(Frame("c", time, number, held), held, grey).state for number, time in enumerate(times)]
    assert told == ["ok"] * (len(times) - 1) + ["frozen"]


def test_a_small_shift_is_measured_and_a_turned_camera_is_told() -> None:
    found = judged([*(picture(n) for n in range(3)), *(shifted(picture(n), 3, 2) for n in range(3, 6))])
    assert found[-1].state == "ok"
    assert (found[-1].dx, found[-1].dy) == pytest.approx((3, 2), abs=1)
    turned = [np.ascontiguousarray(picture(n)[:, ::-1]) for n in range(4, 16)]
    away = judged([*(picture(n) for n in range(4)), *turned])
    assert away[4].state == "degraded"
    assert (away[-1].state, away[-1].cause) == ("moved", "view")


def test_water_that_moves_wherever_one_looks_is_no_shake() -> None:
    """Ripples on what is taken for land leave next to nothing that stays: a shift found there by chance must not count."""
    found = judged(rippling(n) for n in range(30))
    assert [(one.state, one.cause) for one in found] == [("ok", "")] * 30
    assert max(abs(side) for one in found for side in (one.dx, one.dy)) < 3


@pytest.mark.parametrize(("sight", "state"), [(20, "degraded"), (10, "blind")])
def test_fog_hides_what_is_far_first(sight: float, state: str) -> None:
    """What is near is looked at as long as it is seen, from the first frame on and when fog comes up."""
    fog = [misty(picture(n), sight, n) for n in range(4, 14)]
    for found in (judged(fog), judged([*(picture(n) for n in range(4)), *fog])[4:]):
        assert {(one.state, one.cause) for one in found} == {(state, "fog")}
        assert found[-1].usable is (state == "degraded")


def test_a_camera_that_is_shaken_hard_is_told_at_once() -> None:
    found = judged([*(picture(n) for n in range(4)), shifted(picture(4), 12, 5), picture(5)])
    assert [one.cause for one in found] == [""] * 4 + ["shake"] * 2


def test_a_switch_of_the_light_is_no_move() -> None:
    found = judged([*(picture(n) for n in range(4)), *(picture(n, light=40) for n in range(4, 8))])
    assert {one.state for one in found} == {"ok"}
