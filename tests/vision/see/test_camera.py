"""A camera's configuration: what is accepted, and in which words the rest is refused."""

import msgspec
import pytest

from tests.vision.see.drawn import HEIGHT, SHORE, WIDTH, config, zone
from vision.camera import BadCamera, CameraConfig, camera_of, config_hash, read_camera, write_camera
from vision.site import Flow, GroundPoint, Patch, Persist


def refused(**changed: object) -> str:
    with pytest.raises(BadCamera) as caught:
        config(**changed)
    return str(caught.value)


def moved(number: int, **changed: float) -> tuple[GroundPoint, ...]:
    """Six ground points of one plane, one of them measured wrongly."""
    points = [GroundPoint(x, y, east=e, north=n) for x, y, e, n in SIX]
    points[number] = msgspec.structs.replace(points[number], **changed)
    return tuple(points)


SIX = [(200, 110, 0, 20), (280, 110, 20, 20), (20, 260, 0, 0), (460, 260, 20, 0), (240, 110, 10, 20), (240, 260, 10, 0)]


def test_it_reads_what_it_wrote_and_equal_configurations_have_one_hash() -> None:
    site = config(flow=Flow(90, 0.4), reference_patch=Patch(0, 0, 20, 20))
    again = read_camera(write_camera(site))
    assert again == site
    assert config_hash(again) == config_hash(site)
    assert config_hash(config(min_size_m=1)) == config_hash(config(min_size_m=1.0))
    assert config_hash(config(min_size_m=0.5)) != config_hash(site)
    assert camera_of(msgspec.to_builtins(site)) == site


def test_without_ground_points_it_works_in_shares_of_the_frame() -> None:
    assert not config(ground=()).calibrated
    assert config().calibrated


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"id": ""}, "id = ''"),
        ({"width": 7}, "width = 7: expected 32 to 8192 pixels"),
        ({"water": ()}, "water = (): expected one polygon or more"),
        ({"water": (zone("w", (0, 0), (9, 9)),)}, "water[0].points = 2 points: expected 3 to 200 points"),
        ({"water": (zone("w", (0, 100), (9, 100), (9, 101)),)}, "an area of 16 pixels or more"),
        ({"water": (zone("w", (0, 100), (999, 100), (9, 200)),)}, "(999, 100): expected pixels from 0 to 480"),
        ({"water": (zone("w", (0, 100), (99, 200), (99, 100), (0, 200)),)}, "sides 1 and 3 cross"),
        ({"water": (zone("w", (0, 100), (float("nan"), 200), (99, 100)),)}, "(nan, 200)"),
        ({"banks": (zone("a", (0, 0), (9, 0), (9, 9)), zone("a", (0, 0), (9, 0), (9, 9)))}, "banks[1].name = 'a'"),
        ({"persist": Persist(5, 4)}, "persist = 5 of 4: expected 1 <= k <= n"),
        ({"min_size_m": float("nan")}, "min_size_m = nan"),
        ({"flow": Flow(400, 1)}, "flow.direction_deg = 400: expected 0 to 360"),
        ({"origin": (200.0, 0.0)}, "origin[0] = 200.0: expected -180 to 180"),
        ({"reference_patch": Patch(470, 0, 20, 20)}, "20 x 20 at (470, 0)"),
        ({"thresholds": 99}, "thresholds = 99"),
        ({"ground": moved(0)[:3]}, "ground = 3 points: expected none, or 4 points or more"),
        ({"ground": (*moved(0)[:3], GroundPoint(9, 200, lon=1, lat=2))}, "the same in all points"),
        ({"ground": tuple(GroundPoint(10.0 * i, 200, east=i, north=0) for i in range(4))}, "four corners of an area"),
    ],
)
def test_a_mistake_is_named_with_field_value_and_expected_form(changed: dict[str, object], words: str) -> None:
    assert words in refused(**changed)


def test_a_badly_measured_point_is_named_with_its_residual() -> None:
    told = refused(ground=moved(4, east=16.0))
    assert "ground[4] = residual" in told
    assert "at most 5%" in told


def test_water_above_the_horizon_is_refused() -> None:
    sky = zone("water", (0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT))
    assert "on or above the horizon" in refused(water=(sky,))
    assert config(water=(zone("water", (0, SHORE), (WIDTH, SHORE), (WIDTH, HEIGHT), (0, HEIGHT)),)).calibrated


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"id":1}', b"\xff", b'{"id":"c","colour":1}'])
def test_what_is_no_configuration_is_refused(raw: bytes) -> None:
    with pytest.raises(BadCamera, match="expected"):
        read_camera(raw)


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(BadCamera) as caught:
        CameraConfig(id="", width=1, height=1, water=())
    assert {mistake.field for mistake in caught.value.mistakes} >= {"id", "width", "height", "water"}
