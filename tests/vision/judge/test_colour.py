"""The water's colour: dye is told, the light is not, and what comes and goes with the hours is learnt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.judge.script import START, camera
from vision.camera import CameraConfig
from vision.colour.lab import delta_e, lab_of
from vision.colour.measure import water_colour
from vision.detector import Look
from vision.frame import Frame, Quality
from vision.geometry.view import view_of
from vision.kinds.water_colour import WaterColour
from vision.rules.claim import Scene
from vision.rules.episode import Episodes
from vision.site import Limits, Patch

PATCH = Patch(20, 20, 40, 20)
CONFIG = camera(reference_patch=PATCH, limits=Limits())
WATER = (80.0, 95.0, 70.0)
GREEN = (75.0, 125.0, 60.0)
MINUTE = 60_000
WIDE, HIGH = 160, 90
NOISE = np.random.default_rng(3).normal(0, 2, (HIGH, WIDE, 3))


def look(
    time: int,
    water: tuple[float, float, float],
    light: float = 1.0,
    config: CameraConfig = CONFIG,
    infrared: bool = False,
) -> Look:
    """Water of one colour with a little noise, a grey wall with the patch, both under the same light."""
    bgr = np.full((HIGH, WIDE, 3), 180 * light, float)
    bgr[HIGH // 3 :] = np.array(water) * light
    bgr += np.roll(NOISE, time // MINUTE % WIDE, axis=1)
    pixels = np.clip(bgr, 0, 255).astype(np.uint8)
    quality = Quality(infrared=infrared)
    return Look(Frame(config.id, time, 1, pixels), quality, view_of(config), pixels, pixels[:, :, 0], (1.0, 1.0))


def run(
    colours: list[tuple[tuple[float, float, float], float]], config: CameraConfig = CONFIG
) -> list[tuple[str, int]]:
    """What is told of water of a colour under a light in each minute: edge and minute."""
    kind, view = WaterColour(view_of(config)), view_of(config)
    cases = Episodes(kind.timing, 300, 1)
    told: list[tuple[str, int]] = []
    for minute, (water, light) in enumerate(colours):
        time = START + minute * MINUTE
        seen = look(time, water, light, config)
        claims = kind.claims(Scene(time, START, config.id, view, seen.quality, seen))
        kind = _restarted(kind, config)
        told += [(change.edge, minute) for change in cases.step(time, MINUTE, claims)[0] if change.edge != "update"]
    return told


def _restarted(kind: WaterColour, config: CameraConfig) -> WaterColour:
    again = WaterColour(view_of(config))
    again.restore(kind.export())
    return again


def test_dye_is_told_within_a_quarter_of_an_hour_and_ends_when_it_is_gone() -> None:
    told = run([(WATER, 1.0)] * 60 + [(GREEN, 1.0)] * 60 + [(WATER, 1.0)] * 20)
    assert [edge for edge, _ in told] == ["open", "close"]
    assert 60 + 10 <= told[0][1] <= 60 + 15
    assert 120 < told[1][1] <= 130


def test_dusk_is_no_dye() -> None:
    assert run([(WATER, 1.1 - 0.8 * minute / 180) for minute in range(180)]) == []


def test_without_a_patch_light_alone_is_no_colour_but_green_dye_is() -> None:
    plain = camera(limits=Limits())
    assert run([(WATER, 1.0 if minute < 90 else 0.8) for minute in range(150)], plain) == []
    assert [edge for edge, _ in run([(WATER, 1.0)] * 60 + [(GREEN, 1.0)] * 30, plain)] == ["open"]


def test_glint_things_night_and_infra_red_are_left_out() -> None:
    mask = view_of(CONFIG).water_pixels(WIDE, HIGH)
    plain = look(START, WATER)
    glinting = look(START, WATER)
    glinting.small[50:60] = 255
    usual, glint = water_colour(plain, mask, []), water_colour(glinting, mask, [])
    assert usual is not None
    assert glint is not None
    assert delta_e(usual, glint) < 1
    assert water_colour(look(START, WATER, infrared=True), mask, []) is None
    assert water_colour(look(START, WATER, light=0.05), mask, []) is None


@pytest.mark.parametrize(
    ("red", "green", "blue", "lab"),
    [(1.0, 1.0, 1.0, (100, 0, 0)), (0.0, 0.0, 0.0, (0, 0, 0)), (1.0, 0.0, 0.0, (53.24, 80.09, 67.20))],
)
def test_known_colours(red: float, green: float, blue: float, lab: tuple[float, float, float]) -> None:
    # sRGB white, black and red in CIELAB under D65, as tabulated by B. Lindbloom (brucelindbloom.com).
    assert lab_of(red, green, blue) == pytest.approx(lab, abs=0.1)


@given(*[st.tuples(*[st.floats(-100, 100)] * 3)] * 2)
def test_the_difference_is_symmetric_and_none_to_itself(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    assert delta_e(one, other) == delta_e(other, one)
    assert delta_e(one, one) == 0


def test_a_foreign_state_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not a state of water\.colour"):
        WaterColour(view_of(CONFIG)).restore(b"\xc1")
