"""Points against points, lines and polygons, planar in degrees of WGS-84: what a register of points can be asked.

The relations are read from the DE-9IM matrix (OGC 06-103r4 clause 6.1.15): interior, boundary and exterior of one
against those of the other.
"""

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

XY: TypeAlias = tuple[float, float]

_NUMBER: Final = r"[+\-]?\d+(?:\.\d+)?(?:[eE][+\-]?\d{1,3})?"
_POSITION: Final = re.compile(rf"\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})?\s*")
_WKT: Final = re.compile(
    r"\s*(?:SRID=4326;)?\s*(POINT|LINESTRING|POLYGON)\s*Z?\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL
)
_LEAST: Final = {"POINT": 1, "LINESTRING": 2, "POLYGON": 4}

WKT_FORM: Final = "POINT (121.6 29.9), LINESTRING (x y, x y) or POLYGON ((x y, x y, x y, x y))"

# DE-9IM patterns of the named relations; dimensions decide where a name has several (06-103r4 clause 6.1.15.3).
_PATTERNS: Final = {
    "st_equals": ("T*F**FFF*",),
    "st_disjoint": ("FF*FF****",),
    "st_touches": ("FT*******", "F**T*****", "F***T****"),
    "st_within": ("T*F**F***",),
    "st_contains": ("T*****FF*",),
    "st_intersects": ("T********", "*T*******", "***T*****", "****T****"),
    "geo.intersects": ("T********", "*T*******", "***T*****", "****T****"),
    "st_overlaps": ("T*T***T**",),
    "st_crosses": ("T*T******",),
}
RELATIONS: Final = tuple(_PATTERNS)


@dataclass(frozen=True, slots=True)
class Geometry:
    """A point, a line, or a polygon with its rings; longitude first."""

    kind: str
    parts: tuple[tuple[XY, ...], ...]

    @property
    def dimension(self) -> int:
        """0 for a point, 1 for a line, 2 for a polygon."""
        return tuple(_LEAST).index(self.kind)

    @property
    def point(self) -> XY:
        """The point, or the first one."""
        return self.parts[0][0]


def parse_wkt(text: str) -> Geometry:
    """A geometry in well-known text.

    Raises:
        ValueError: not of the form in WKT_FORM.
    """
    match = _WKT.fullmatch(text)
    if match is None:
        raise ValueError(WKT_FORM)
    kind, body = match[1].upper(), match[2].strip()
    if kind == "POLYGON":
        if not body.startswith("(") or not body.endswith(")"):
            raise ValueError(WKT_FORM)
        parts = tuple(_positions(part) for part in re.split(r"\)\s*,\s*\(", body[1:-1]))
    else:
        parts = (_positions(body),)
    if any(len(part) < _LEAST[kind] for part in parts) or (kind == "POINT" and len(parts[0]) != 1):
        raise ValueError(WKT_FORM)
    if kind == "POLYGON" and any(part[0] != part[-1] for part in parts):
        raise ValueError("rings that end where they begin")
    return Geometry(kind, parts)


def _positions(text: str) -> tuple[XY, ...]:
    found = []
    for part in text.split(","):
        match = _POSITION.fullmatch(part)
        if match is None:
            raise ValueError(WKT_FORM)
        found.append((float(match[1]), float(match[2])))
    return tuple(found)


def of_geojson(value: object) -> Geometry | None:
    """The point of a GeoJSON geometry or feature; None for what is none."""
    if isinstance(value, Geometry):
        return value
    if not isinstance(value, dict):
        return None
    place = value.get("geometry") if value.get("type") == "Feature" else value
    if not isinstance(place, dict) or place.get("type") != "Point":
        return None
    lon, lat = place["coordinates"][:2]
    return Geometry("POINT", (((lon, lat),),))


def distance(one: Geometry, other: Geometry) -> float | None:
    """Degrees between a point and a geometry, 0 inside; None where neither is a point."""
    if one.dimension and other.dimension:
        return None
    point, shape = (one.point, other) if not one.dimension else (other.point, one)
    if shape.dimension == 0:
        return math.dist(point, shape.point)
    if shape.dimension == 2 and _side(point, shape) >= 0:
        return 0.0
    return min(_to_segment(point, a, b) for part in shape.parts for a, b in pairwise(part))


def length(shape: Geometry) -> float:
    """Degrees along a line; 0 for a point or a polygon."""
    if shape.dimension != 1:
        return 0.0
    return sum(math.dist(a, b) for a, b in pairwise(shape.parts[0]))


def related(relation: str, one: Geometry, other: Geometry) -> bool | None:
    """Whether the named relation holds; None where neither is a point."""
    if relation == "st_crosses" and one.dimension >= other.dimension:
        return False
    matrix = matrix_of(one, other)
    return None if matrix is None else any(fits(matrix, pattern) for pattern in _PATTERNS[relation])


def matrix_of(one: Geometry, other: Geometry) -> str | None:
    """The nine dimensions, row by row, F where two parts do not meet; None where neither is a point."""
    if one.dimension == 0:
        return _matrix(one.point, other)
    if other.dimension == 0:
        rows = _matrix(other.point, one)
        return "".join(rows[column * 3 + row] for row in range(3) for column in range(3))
    return None


def fits(matrix: str, pattern: str) -> bool:
    """Whether a matrix is of a pattern of T, F, *, 0, 1 and 2."""
    return len(pattern) == 9 and all(
        want == "*" or (want == "T" and have != "F") or want == have for have, want in zip(matrix, pattern, strict=True)
    )


def _matrix(point: XY, shape: Geometry) -> str:
    side = _side(point, shape)
    own = {1: "0FF", 0: "F0F", -1: "FF0"}[side]
    if shape.dimension == 0:
        return own + "FFF" + ("F" if side == 1 else "0") + "F2"
    closed = shape.dimension == 1 and shape.parts[0][0] == shape.parts[0][-1]
    return own + "FFF" + {1: "1" + ("F" if closed else "0") + "2", 2: "212"}[shape.dimension]


def _side(point: XY, shape: Geometry) -> int:
    """1 in the interior, 0 on the boundary, -1 outside."""
    if shape.dimension == 0:
        return 1 if point == shape.point else -1
    on_line = any(_on(point, a, b) for part in shape.parts for a, b in pairwise(part))
    if shape.dimension == 1:
        ends = (shape.parts[0][0], shape.parts[0][-1])
        return (0 if point in ends and ends[0] != ends[1] else 1) if on_line else -1
    if on_line:
        return 0
    # Even-odd over all rings: a hole takes out what its ring let in.
    crossings = sum(_crosses(point, a, b) for part in shape.parts for a, b in pairwise(part))
    return 1 if crossings % 2 else -1


def _on(point: XY, a: XY, b: XY) -> bool:
    (x, y), (ax, ay), (bx, by) = point, a, b
    turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    return turn == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)


def _crosses(point: XY, a: XY, b: XY) -> bool:
    (x, y), (ax, ay), (bx, by) = point, a, b
    return (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax


def _to_segment(point: XY, a: XY, b: XY) -> float:
    (x, y), (ax, ay), (bx, by) = point, a, b
    square = (bx - ax) ** 2 + (by - ay) ** 2
    along = 0.0 if square == 0 else min(1.0, max(0.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square))
    return math.dist(point, (ax + along * (bx - ax), ay + along * (by - ay)))
