"""GB/T 8170: half to even, on the number that the text says."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.standards.rounding import decimals, round_columns, round_even


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.25, 1, 0.2),
        (0.35, 1, 0.4),
        (1.005, 2, 1.0),  # binary 1.00499999999999989
        (1.015, 2, 1.02),
        (2.675, 2, 2.68),  # binary 2.67499999999999982
        (2.5, 0, 2.0),
        (3.5, 0, 4.0),
        (-2.5, 0, -2.0),
        (0.2500001, 1, 0.3),
        (15.4546, 0, 15.0),  # once, never in steps: 15.455, 15.46, 15.5 would end at 16
        (125.0, -1, 120.0),
        (135.0, -1, 140.0),
        (0.000055, 5, 0.00006),
        (0.000045, 5, 0.00004),
    ],
)
def test_half_goes_to_the_even_neighbour(value: float, digits: int, expected: float) -> None:
    assert round_even(value, digits) == expected
    assert round_columns(np.array([value]), digits)[0] == expected


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(-2, 5))
def test_columns_and_single_values_agree_with_decimal_arithmetic(whole: int, places: int, digits: int) -> None:
    value = float(Decimal(whole).scaleb(-places))
    step = Decimal(1).scaleb(-digits)
    expected = float((Decimal(repr(value)) / step).to_integral_value(ROUND_HALF_EVEN) * step)
    assert round_even(value, digits) == expected
    assert round_columns(np.array([[value]]), digits)[0, 0] == pytest.approx(expected, rel=1e-15)


@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(-3, 8))
def test_rounding_twice_is_rounding_once_and_what_is_no_number_stays(value: float, digits: int) -> None:
    once = round_even(value, digits)
    np.testing.assert_equal(round_even(once, digits), once)
    np.testing.assert_allclose(round_columns(np.array([value]), digits), [once], rtol=1e-15)


def test_decimals_are_those_of_the_text() -> None:
    assert [decimals(text) for text in ("15", "1.0", "0.15", "0.00005")] == [0, 1, 2, 5]
