"""Points against shapes: against a plain oracle on a grid, and the laws that the relations keep."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sta.geometry import RELATIONS, Geometry, distance, fits, length, matrix_of, parse_wkt, related

SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 3 1, 3 3, 1 3, 1 1))"
GRID = st.integers(-1, 10).map(lambda n: n / 2)
POINTS = st.tuples(GRID, GRID).map(lambda xy: Geometry("POINT", ((xy,),)))
SHAPES = [parse_wkt(SQUARE), parse_wkt("LINESTRING (0 0, 4 4, 4 0)"), parse_wkt("POINT (1 1)")]


def _where(x: float, y: float) -> str:
    """Interior, boundary or exterior of the square with a hole."""
    if not (0 <= x <= 4 and 0 <= y <= 4) or (1 < x < 3 and 1 < y < 3):
        return "E"
    edge = x in (0, 4) or y in (0, 4) or (x in (1, 3) and 1 <= y <= 3) or (y in (1, 3) and 1 <= x <= 3)
    return "B" if edge else "I"


@given(POINTS)
def test_a_point_is_inside_on_the_edge_or_outside(point: Geometry) -> None:
    place = _where(*point.point)
    assert related("st_within", point, SHAPES[0]) is (place == "I")
    assert related("st_touches", point, SHAPES[0]) is (place == "B")
    assert related("st_disjoint", point, SHAPES[0]) is (place == "E")
    assert (distance(point, SHAPES[0]) == 0) is (place != "E")


@given(POINTS, st.sampled_from(SHAPES))
def test_relations_keep_their_laws(point: Geometry, shape: Geometry) -> None:
    assert related("st_within", point, shape) is related("st_contains", shape, point)
    assert related("st_intersects", point, shape) is not related("st_disjoint", point, shape)
    assert distance(point, shape) == distance(shape, point)
    matrix, turned = matrix_of(point, shape), matrix_of(shape, point)
    assert matrix is not None
    assert turned is not None
    assert matrix == "".join(turned[column * 3 + row] for row in range(3) for column in range(3))
    for relation in ("st_equals", "st_touches", "st_overlaps", "st_intersects", "geo.intersects"):
        assert related(relation, point, shape) is related(relation, shape, point)


def test_lines_have_ends_and_lengths() -> None:
    line = SHAPES[1]
    assert related("st_touches", parse_wkt("POINT (0 0)"), line)
    assert related("st_within", parse_wkt("POINT (2 2)"), line)
    assert distance(parse_wkt("POINT (0 1)"), line) == pytest.approx(math.sqrt(0.5))
    assert length(line) == pytest.approx(math.sqrt(32) + 4)
    assert all(related(name, line, line) is None for name in RELATIONS if name != "st_crosses")


def test_patterns_of_matrices() -> None:
    assert fits("0FFFFF212", "T*F**F***")
    assert not fits("0FFFFF212", "T*F**F**")
    assert not fits("FF0FFF212", "T********")


@pytest.mark.parametrize(
    "text",
    [
        *("POINT", "POINT ()", "POINT (1)", "POINT (1 2, 3 4)", "CIRCLE (1 2)", "POLYGON (1 2, 3 4, 5 6, 1 2)"),
        *("LINESTRING (1 2)", "POLYGON ((0 0, 1 0, 1 1, 0 1))", "POINT (x y)"),
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"POINT|rings"):
        parse_wkt(text)
