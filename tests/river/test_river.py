"""The river's promises: the same picture for the same moment, truth to the pixel and the metre, and what each condition does."""

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.river.lens import Camera
from simulators.river.river import River
from simulators.river.scene import Fault, Lens, Scene, Traffic, conditions, scene, sites
from simulators.river.setup import camera_config
from simulators.river.things import DEBRIS, FORMS, Thing
from simulators.river.traffic import ByChance, drifter
from vision.geometry.view import view_of

BUSY = Traffic(debris=200, coverage=20, foam=10, boats=20, birds=30, swimmers=15, walkers=30, anglers=20)
WIDTH, HEIGHT = 320, 192


class Only:
    """A traffic of given things."""

    def __init__(self, *things: Thing) -> None:
        self._things = things

    def things(self, moment: int) -> list[Thing]:
        """Those of them that are there."""
        return [thing for thing in self._things if thing.born <= moment < thing.dies]


def still(where: Scene, cls: str, length: float, place: tuple[float, float], seed: int = 4) -> Thing:
    thing = drifter(where, cls, length, seed, 0, place, "one")
    return Thing("one", cls, thing.length, seed, 0, -10_000, 10_000, place, (0.0, 0.0))


def test_a_moment_is_the_same_whatever_was_asked_before() -> None:
    where = scene("pumping-station", "rain", BUSY, width=WIDTH, height=HEIGHT)
    first, truth = River(where, 3).frame(95_500)
    other = River(where, 3)
    for moment in (500, 200_000, 40_000):
        other.frame(moment)
    again, same = other.frame(95_500)
    assert np.array_equal(first, again)
    assert truth == same
    assert not np.array_equal(first, River(where, 4).frame(95_500)[0])


def test_a_thing_is_where_the_truth_says() -> None:
    where = scene("lock", "calm")
    empty, _ = River(where, 2, 0, Only()).frame(1000)
    picture, truth = River(where, 2, 0, Only(still(where, "foam_box", 0.8, (1.0, 14.0)))).frame(1000)
    (seen,) = truth.things
    changed = cv2.absdiff(picture, empty).max(axis=2) > 40
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    left, top, right, _ = seen.box
    # JPEG and the mirror image below blur the edge a little.
    assert abs(columns[0] - left) <= 4
    assert abs(columns[-1] + 1 - right) <= 4
    assert abs(rows[0] - top) <= 4
    assert seen.share == 1.0
    assert np.hypot(seen.ground[0] - 1.0, seen.ground[1] - 14.0) < 0.3


@pytest.mark.parametrize("name", sorted(sites()))
def test_the_set_up_of_a_site_is_valid_and_its_metres_are_right(name: str) -> None:
    where = scene(name, "calm")
    config = camera_config(where, "test")
    view, camera = view_of(config), Camera(where.site.lens, where.width, where.height)
    middle = np.array(where.site.watch).mean(axis=0)
    pixel = camera.pixels(np.array([[*middle, 0.0]]))
    met = view.ground(pixel)
    assert met is not None
    assert met[0] == pytest.approx(middle, abs=0.1)


def test_the_homography_is_the_cameras_own() -> None:
    camera = Camera(Lens(height=7, tilt=25, fov=60, pan=12, roll=2), 960, 540)
    places = np.array([[2.0, 11.0], [-3.0, 19.0], [4.0, 26.0]])
    mapped = np.hstack([places, np.ones((3, 1))]) @ camera.homography().T
    assert mapped[:, :2] / mapped[:, 2:] == pytest.approx(camera.pixels(np.hstack([places, np.zeros((3, 1))])))


@given(
    st.floats(3, 15),
    st.floats(15, 50),
    st.floats(-0.03, 0.03),
    st.tuples(st.floats(0, 959), st.floats(300, 539)),
)
@settings(max_examples=40, deadline=None)
def test_pixels_and_places_are_each_others_inverse(
    height: float, tilt: float, k1: float, pixel: tuple[float, float]
) -> None:
    camera = Camera(Lens(height=height, tilt=tilt, fov=60, k1=k1), 960, 540)
    place = camera.ground(np.array([pixel]))
    back = camera.pixels(np.hstack([place, [[0.0]]]))
    assert back[0] == pytest.approx(pixel, abs=0.05)


@pytest.mark.parametrize("condition", sorted(conditions()))
def test_every_condition_is_drawn(condition: str) -> None:
    picture, truth = River(scene("lake-inlet", condition, BUSY, width=WIDTH, height=HEIGHT), 5).frame(30_000)
    assert picture.shape == (192, 320, 3)
    assert picture.dtype == np.uint8
    assert condition in truth.words
    assert picture.std() > 3


def test_night_is_grey_and_rain_is_told() -> None:
    night, truth = River(scene("quay", "night", width=WIDTH, height=HEIGHT), 1).frame(0)
    assert {"infrared", "dark"} <= truth.words
    assert int(np.ptp(night.astype(int), axis=2).max()) == 0
    assert "rain" in River(scene("quay", "rain", width=WIDTH, height=HEIGHT), 1).frame(0)[1].words


def test_a_thing_near_hides_one_behind_it() -> None:
    where = scene("lock", "calm")
    behind, front = still(where, "bottle", 0.3, (0.0, 13.0)), still(where, "foam_box", 0.8, (0.0, 12.75))
    alone = River(where, 2, 0, Only(behind)).frame(0)[1].things[0]
    both = River(where, 2, 0, Only(behind, Thing("two", *list_of(front)))).frame(0)[1].things
    assert alone.share == 1.0
    assert min((item.share for item in both if item.id == "one"), default=0.0) < 0.7


def list_of(thing: Thing) -> tuple[str, float, int, int, int, int, tuple[float, float], tuple[float, float]]:
    return thing.cls, thing.length, thing.seed, thing.at, thing.born, thing.dies, thing.target, thing.velocity


def test_a_boom_holds_what_drifts() -> None:
    where = scene("lake-inlet", "calm")
    piece = drifter(where, "plank", 0.8, 9, 0, (2.0, 15.0), "held")
    assert piece.place(-20_000).speed > 0
    held = piece.place(200_000)
    assert held.speed == 0
    assert held.east < 10


@given(st.sampled_from(DEBRIS), st.floats(0.1, 3.0))
def test_a_class_is_made_in_its_own_sizes(cls: str, length: float) -> None:
    low, high = FORMS[cls].length
    assert low <= drifter(scene("quay", "calm"), cls, length, 1, 0, (0.0, 15.0), "x").length <= high


def test_the_schedule_does_not_depend_on_when_it_is_asked() -> None:
    traffic = ByChance(scene("quay", "calm", BUSY), 6)
    at = [{thing.id for thing in traffic.things(moment)} for moment in (0, 500, 400_000, 500)]
    assert at[1] == at[3]
    assert at[1] - at[2]


@pytest.mark.parametrize("kind", ["black", "frozen", "blind", "blur"])
def test_a_fault_is_seen_and_told(kind: str) -> None:
    sound = scene("quay", "ripple", BUSY, width=WIDTH, height=HEIGHT)
    fault = msgspec.convert({"kind": kind, "at": 10, "lasts": 20}, Fault)
    where = msgspec.structs.replace(sound, condition=msgspec.structs.replace(sound.condition, faults=(fault,)))
    river = River(where, 1)
    before, during = river.frame(9_999)[0], river.frame(20_000)
    assert during[1].fault == kind
    assert not during[1].things
    assert np.array_equal(before, during[0]) == (kind == "frozen")
    assert not river.frame(31_000)[1].fault


def test_dye_changes_the_colour_by_what_it_says() -> None:
    where = scene("lock", "calm", Traffic(dye_at=0, dye_delta=14), width=480, height=272)
    clean = msgspec.structs.replace(where, traffic=Traffic())
    dyed, truth = River(where, 3).frame(320_000)
    plain, _ = River(clean, 3).frame(320_000)
    (plume,) = truth.plumes
    left, top, right, bottom = plume.box
    window = slice((top + bottom) // 2, bottom - 8), slice(left + 8, right - 8)
    labs = [
        cv2.cvtColor(part[window].mean(axis=(0, 1), keepdims=True).astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
        for part in (dyed, plain)
    ]
    assert float(np.linalg.norm(labs[0] - labs[1])) == pytest.approx(14, abs=3.5)


def test_smoke_rises_and_grows() -> None:
    river = River(scene("lookout", "calm", Traffic(smoke_at=0), width=480, height=272), 3)
    boxes = [river.frame(seconds * 1000)[1].plumes[0].box for seconds in (15, 60)]
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in boxes]
    assert areas[1] > 1.5 * areas[0]
