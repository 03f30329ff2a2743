"""The ground plane: exact where points are exact, honest where they are not, in metres and in degrees."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.vision.see.drawn import view
from vision.geometry.ground import degrees, metres_per_degree
from vision.geometry.homography import Degenerate, fit, residuals
from vision.geometry.polygon import area, crosses_itself
from vision.site import GroundPoint

PIXELS = np.array([(300.0, 400), (900, 380), (1200, 900), (60, 950), (600, 600)])

tilts = st.floats(10, 80)
turns = st.floats(0, 360)


def seen_from(height: float, tilt: float, turn: float, ground: np.ndarray) -> np.ndarray:
    """Pixels of places on the ground for a pinhole camera: the textbook's projection, not ours."""
    down, about = np.radians(tilt), np.radians(turn)
    east = ground @ (np.cos(about), -np.sin(about))
    north = ground @ (np.sin(about), np.cos(about))
    ahead = north * np.cos(down) + height * np.sin(down)
    below = height * np.cos(down) - north * np.sin(down)
    return np.column_stack([640 + 1000 * east / ahead, 360 + 1000 * below / ahead])


@settings(max_examples=60, deadline=None)
@given(st.floats(2, 30), tilts, turns, st.integers(0, 2**31))
def test_exact_points_give_the_plane_back(height: float, tilt: float, turn: float, seed: int) -> None:
    chance = np.random.default_rng(seed)
    about = np.radians(turn)
    ahead = np.column_stack([chance.uniform(-10, 10, 12), chance.uniform(1, 40, 12)])
    turned = np.array([[np.cos(about), np.sin(about)], [-np.sin(about), np.cos(about)]])
    ground = ahead @ turned.T
    pixels = seen_from(height, tilt, turn, ground)
    assume(np.linalg.cond(np.column_stack([pixels[:6], np.ones(6)])) < 1e4)
    plane = fit(pixels[:8], ground[:8])
    assert np.allclose(plane.ground(pixels), ground, atol=1e-4)
    assert np.allclose(plane.pixel(ground), pixels, atol=1e-3)
    assert (plane.depth(pixels) > 0).all()
    assert residuals(plane, pixels, ground).max() < 1e-5


@pytest.mark.parametrize(
    "metres",
    [
        np.array([(0.0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]),
        np.zeros((5, 2)),
        np.array([(0.0, 0), (1, np.nan), (2, 1), (3, 0), (4, 4)]),
    ],
)
def test_points_that_fix_no_plane_are_refused(metres: np.ndarray) -> None:
    with pytest.raises(Degenerate, match="expected"):
        fit(PIXELS, metres)


def test_beyond_the_horizon_there_is_no_ground() -> None:
    ground = np.array([(-5.0, 10), (5, 10), (5, 30), (-5, 30)])
    plane = fit(seen_from(6, 15, 0, ground), ground)
    assert np.isnan(plane.ground(np.array([[640.0, 20]]))).all()
    a, b, c = plane.horizon
    assert abs(a * 640 + b * (360 - 1000 * np.tan(np.radians(15))) + c) < 1e-6


def test_a_box_on_the_water_has_its_size_and_area_in_metres() -> None:
    site = view()
    corners = site.plane.pixel(np.array([(9.5, 5.0), (10.5, 5.0)])) if site.plane else None
    assert corners is not None
    (left, low), (right, _) = corners
    sizes = site.sizes(np.array([(left, low - 4, right - left, 4)]))
    assert sizes is not None
    assert sizes[0] == pytest.approx(1.0, rel=1e-6)
    per_pixel = site.square_metres(np.array([(left, low)]))
    assert per_pixel is not None
    around = np.array([(left, low), (left + 0.1, low), (left + 0.1, low + 0.1), (left, low + 0.1)])
    assert site.plane is not None
    assert per_pixel[0] == pytest.approx(area(site.plane.ground(around)) / 0.01, rel=0.01)


def test_without_calibration_nothing_is_said_in_metres() -> None:
    site = view(ground=())
    assert site.sizes(np.ones((1, 4))) is None
    assert site.ground(np.ones((1, 2))) is None
    assert site.lonlat(0, 0) is None


@settings(max_examples=50, deadline=None)
@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(-500, 500), st.floats(-500, 500))
def test_metres_and_degrees_are_one_place(lon: float, lat: float, east: float, north: float) -> None:
    x, y = degrees((lon, lat), east, north)
    per_lon, per_lat = metres_per_degree(lat)
    assert (x - lon) * per_lon == pytest.approx(east, abs=1e-5)
    assert (y - lat) * per_lat == pytest.approx(north, abs=1e-5)


def test_a_degree_is_as_long_as_the_ellipsoid_says() -> None:
    # WGS-84: 111 319.491 m of longitude and 110 574.276 m of latitude at the equator, 111 693.98 m of latitude at the pole.
    assert metres_per_degree(0) == pytest.approx((111_319.491, 110_574.276), abs=0.01)
    assert metres_per_degree(90)[1] == pytest.approx(111_693.98, abs=0.02)


def test_points_in_degrees_place_things_in_degrees() -> None:
    points = tuple(
        GroundPoint(x, y, lon=120 + e / 100_000, lat=30 + n / 100_000)
        for x, y, e, n in ((140, 110, 0, 20), (340, 110, 20, 20), (20, 260, 0, 0), (460, 260, 20, 0))
    )
    site = view(ground=points)
    places = site.ground(np.array([(20.0, 260)]))
    assert places is not None
    assert site.lonlat(*places[0]) == pytest.approx((120, 30), abs=1e-7)


def test_a_polygon_that_crosses_itself_is_found() -> None:
    assert crosses_itself(np.array([(0.0, 0), (4, 0), (4, 4), (0, 4)])) is None
    assert crosses_itself(np.array([(0.0, 0), (4, 4), (4, 0), (0, 4)])) == (0, 2)
    assert crosses_itself(np.array([(0.0, 0), (4, 0), (2, 0), (2, 4)])) is not None
