"""The water model: what is new shows, what ripples does not, what lies there for long is background unless somebody's word holds it."""

from collections.abc import Iterable

import numpy as np
import pytest

from tests.vision.see.drawn import HEIGHT, SHORE, START, WIDTH, Thing, picture, view
from vision.frame import Image
from vision.water.appearance import KEPT, Appearance, median_of_nine
from vision.water.clutter import CLUTTER_MS, Clutter
from vision.water.model import Strange, WaterModel
from vision.water.picture import layers

THING: Thing = (240, 190)


def model() -> WaterModel:
    return WaterModel(view().water_pixels(WIDTH, HEIGHT))


def shown(water: WaterModel, pictures: Iterable[Image], first: int = 0, step: int = 1000) -> list[Strange]:
    return [water.step(layers(bgr), START + (first + n) * step) for n, bgr in enumerate(pictures)]


def at(strange: Strange, thing: Thing = THING) -> bool:
    x, y = thing
    return bool(strange.fine[y - 5 : y + 5, x - 10 : x + 10].any())


def test_the_network_gives_the_median_of_nine() -> None:
    chance = np.random.default_rng(1)
    samples = [chance.integers(0, 256, (40, 50, 4), dtype=np.uint8) for _ in range(KEPT)]
    assert np.array_equal(median_of_nine(samples), np.median(samples, axis=0).astype(np.uint8))
    with pytest.raises(ValueError, match="expected 9"):
        median_of_nine(samples[:5])


def test_a_sample_of_nine_changes_no_median() -> None:
    look = Appearance()
    still = np.full((40, 40, 4), 100, np.uint8)
    for _ in range(KEPT):
        look.learn(still)
    look.learn(np.full_like(still, 250))
    assert look.median is not None
    assert np.array_equal(look.median, still)


@pytest.mark.parametrize("grey", [False, True])
def test_it_learns_then_shows_what_is_new_and_not_the_ripples(grey: bool) -> None:
    water = model()
    learning = shown(water, [picture(n, grey=grey) for n in range(12)])
    assert [one.phase for one in learning[:8]] == ["learning"] * 8
    calm = shown(water, [picture(n, grey=grey) for n in range(12, 20)], 12)
    assert {one.phase for one in calm} == {"armed"}
    assert max(one.share for one in calm) < 0.01
    new = shown(water, [picture(20, THING, grey=grey)], 20)[0]
    assert at(new)
    assert not new.fine[:SHORE].any()


def test_a_slow_change_of_the_light_is_not_strange() -> None:
    water = model()
    shown(water, [picture(n) for n in range(12)])
    dimmed = shown(water, [picture(n, light=-2.0 * (n - 12)) for n in range(12, 24)], 12)
    assert max(one.share for one in dimmed) < 0.02
    assert {one.phase for one in dimmed} == {"armed"}


def test_a_sudden_light_makes_it_learn_anew() -> None:
    water = model()
    shown(water, [picture(n) for n in range(14)])
    lit = shown(water, [picture(n, light=90) for n in range(14, 28)], 14)
    assert lit[0].phase == "recalibrating"
    assert not any(one.fine.any() for one in lit[:8])
    assert lit[-1].phase == "armed"


def test_what_lies_there_unconfirmed_becomes_background_and_what_is_held_does_not() -> None:
    for held in (False, True):
        water = model()
        shown(water, [picture(n) for n in range(12)])
        # Steps of 15 s, so that ten minutes and the samples after them are few frames.
        seen = shown(water, [picture(12)], 12)[0]
        for number in range(50):
            seen = shown(water, [picture(number % 20, THING)], number + 1, 15_000)[0]
            if held:
                water.hold([(THING[0] - 20, THING[1] - 14, 40, 28)])
        assert at(seen) is held
        if held:
            water.acknowledge([(THING[0] - 20, THING[1] - 14, 40, 28)])
            after = [shown(water, [picture(n % 20, THING)], n + 60, 15_000)[0] for n in range(10)]
            assert not at(after[-1])


def test_glint_is_what_flickers_and_a_white_thing_is_not() -> None:
    map_of, chance = Clutter((60, 60)), np.random.default_rng(1)
    for second in range(120):
        clipped = np.zeros((60, 60), bool)
        clipped[:20, :20] = chance.random((20, 20)) < 0.1
        clipped[40:45, 40:46] = True
        map_of.see(np.zeros((60, 60), bool), clipped, second * 1000)
    assert map_of.glinting()[10, 10]
    assert not map_of.glinting()[42, 42]


def test_a_thing_that_drifts_by_never_becomes_clutter() -> None:
    map_of = Clutter((1, 30))
    for second in range(2 * CLUTTER_MS // 1000):
        strange = np.zeros((1, 30), bool)
        strange[0, second % 30] = True
        map_of.see(strange, np.zeros((1, 30), bool), second * 1000)
    assert not map_of.lingering().any()


def test_its_state_goes_on_bit_for_bit() -> None:
    one, other = model(), model()
    shown(one, [picture(n) for n in range(15)])
    other.restore(one.export())
    pictures = [picture(n, (100 + 10 * n, 190)) for n in range(15, 22)]
    for a, b in zip(shown(one, pictures, 15), shown(other, pictures, 15), strict=True):
        assert np.array_equal(a.fine, b.fine)
        assert np.array_equal(a.cells, b.cells)
    assert one.export() == other.export()
    with pytest.raises(ValueError, match="expected"):
        WaterModel(np.full((64, 64), 255, np.uint8)).restore(one.export())
