"""The shifted coordinates: the published point, and that the way back is exact."""

from math import cos, hypot, radians

from hypothesis import given
from hypothesis import strategies as st

from ingest.gcj02 import to_gcj02, to_wgs84

METRES_PER_DEGREE = 111_320.0


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[0] - other[0]) * cos(radians(one[1])) * METRES_PER_DEGREE
    return hypot(east, (one[1] - other[1]) * METRES_PER_DEGREE)


@given(st.floats(73, 135), st.floats(18, 53))
def test_there_and_back_is_less_than_a_millimetre(lon: float, lat: float) -> None:
    assert metres(to_wgs84(*to_gcj02(lon, lat)), (lon, lat)) < 0.001


@given(st.floats(73, 135), st.floats(18, 53))
def test_the_shift_is_some_hundred_metres(lon: float, lat: float) -> None:
    assert 10 < metres(to_gcj02(lon, lat), (lon, lat)) < 1500


def test_outside_the_box_nothing_is_shifted() -> None:
    assert to_gcj02(2.35, 48.85) == (2.35, 48.85)
    assert to_wgs84(2.35, 48.85) == (2.35, 48.85)


def test_a_known_point() -> None:
    # Tiananmen as surveyed with both kinds of receiver, to a few metres.
    assert metres(to_gcj02(116.391_3, 39.907_4), (116.397_5, 39.908_8)) < 30
