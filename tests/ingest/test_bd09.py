"""The twice shifted coordinates: that the way back is exact, and how far they are off."""

from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from ingest import gcj02
from ingest.bd09 import to_bd09, to_wgs84


@given(st.floats(73, 135), st.floats(18, 53))
def test_there_and_back_is_less_than_a_millimetre(lon: float, lat: float) -> None:
    there = to_wgs84(*to_bd09(lon, lat))
    assert hypot(there[0] - lon, there[1] - lat) < 1e-8


@given(st.floats(73, 135), st.floats(18, 53))
def test_it_lies_some_hundred_metres_beyond_gcj02(lon: float, lat: float) -> None:
    once, twice = gcj02.to_gcj02(lon, lat), to_bd09(lon, lat)
    assert 0.004 < hypot(twice[0] - once[0], twice[1] - once[1]) < 0.012
