"""Conversions between units, and that nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.properties import PROPERTIES
from hub.units import _QUANTITIES, canonical, conversion, convert


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (1, "mg/L", "ug/L", 1000),
        (1, "mg/m3", "ug/m3", 1000),
        (1, "mS/cm", "uS/cm", 1000),
        (273.15, "K", "Cel", 0),
        (212, "F", "Cel", 100),
        (25, "°C", "K", 298.15),
        (101325, "Pa", "hPa", 1013.25),
        (1, "kPa", "hPa", 10),
        (3600, "m3/h", "m3/s", 1),
        (1, "m3/s", "L/s", 1000),
        (36, "km/h", "m/s", 10),
        (7, "pH", "", 7),
        (3700, "mV", "V", 3.7),
        (55, "%RH", "%", 55),
        (1, "μg/m³", "ug/m3", 1),
    ],
)
def test_known_conversions(value: float, unit: str, wanted: str, expected: float) -> None:
    assert convert(value, unit, wanted) == pytest.approx(expected, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(("unit", "wanted"), [("ppm", "mg/m3"), ("mg/L", "kPa"), ("FNU", "NTU"), ("", "%"), ("m", "")])
def test_what_is_not_the_same_quantity_is_refused(unit: str, wanted: str) -> None:
    with pytest.raises(ValueError, match="cannot become"):
        conversion(unit, wanted)


UNITS = [(quantity, unit) for quantity, units in _QUANTITIES.items() for unit in units]


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.floats(-1e6, 1e6))
def test_there_and_back(one: tuple[str, str], other: tuple[str, str], value: float) -> None:
    if one[0] != other[0]:
        with pytest.raises(ValueError, match="cannot become"):
            conversion(one[1], other[1])
        return
    assert convert(convert(value, one[1], other[1]), other[1], one[1]) == pytest.approx(value, rel=1e-9, abs=1e-6)


def test_every_unit_of_the_catalogue_is_known() -> None:
    known = {unit for _, unit in UNITS}
    assert {canonical(entry.unit) for entry in PROPERTIES.values()} <= known
