"""Areas: which incidents lie in one, by its outline, stations or sections; areas may lie in others."""

import itertools
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from alerts.people.form import Form, Kept, Name

Station = Annotated[str, StringConstraints(pattern=r"^[a-z0-9*?-]{1,32}/[a-z*?]{1,16}/[A-Za-z0-9_.:*?-]{1,64}$")]

_CLOSED: Final = "a ring's last point must be its first (RFC 7946, section 3.1.6)"


class Outline(Form):
    """A GeoJSON Polygon or MultiPolygon, WGS-84 (RFC 7946): the first ring is the outside, further ones are holes."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: Annotated[list[Any], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _is_closed(self) -> "Outline":
        for rings in self.polygons():
            if not isinstance(rings, list) or not rings:
                raise ValueError("expected lists of rings as RFC 7946, section 3.1.6 and 3.1.7 say")
            for ring in rings:
                _check_ring(ring)
        return self

    def polygons(self) -> list[list[list[Sequence[float]]]]:
        """Polygons of rings of points."""
        return self.coordinates if self.type == "MultiPolygon" else [self.coordinates]

    def holds(self, lon: float, lat: float) -> bool:
        """Whether the point lies inside; on the line is either."""
        return any(_inside(rings[0], lon, lat) and not _in_any(rings[1:], lon, lat) for rings in self.polygons())


class Area(Kept):
    """A part of the district with the units that look after it; with `parent` it lies in another area.

    An incident lies in it when its place is inside `outline`, its station matches one of `stations`
    (`department/kind/device`, `*` and `?` for any), its section is among `sections`, or it lies in an area within.
    An area with none of the three holds every incident of its department.
    """

    parent: Name | Literal[""] = ""
    outline: Outline | None = None
    stations: Annotated[tuple[Station, ...], Field(max_length=5000)] = ()
    sections: Annotated[tuple[Annotated[str, StringConstraints(max_length=64)], ...], Field(max_length=1000)] = ()
    units: Annotated[tuple[Name, ...], Field(max_length=50)] = ()

    def holds(self, station: str, section: str = "", lon: float | None = None, lat: float | None = None) -> bool:
        """Whether something at this station, section or place (degrees) lies in it, areas within left aside."""
        if self.outline is None and not self.stations and not self.sections:
            return self.department in ("", station.partition("/")[0])
        if any(fnmatchcase(station, pattern) for pattern in self.stations) or (section and section in self.sections):
            return True
        return self.outline is not None and lon is not None and lat is not None and self.outline.holds(lon, lat)


def _check_ring(ring: object) -> None:
    if not isinstance(ring, list) or len(ring) < 4:
        raise ValueError("expected rings of at least four points [lon, lat]")
    for point in ring:
        if not isinstance(point, list | tuple) or len(point) < 2 or not all(isinstance(x, int | float) for x in point):
            raise ValueError(f"{point!r}: expected a point [lon, lat]")
        if not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90):
            hint = "; lon and lat swapped?" if -90 <= point[0] <= 90 and -180 <= point[1] <= 180 else ""
            raise ValueError(f"{point!r}: expected lon -180 to 180 and lat -90 to 90{hint}")
    if list(ring[0]) != list(ring[-1]):
        raise ValueError(_CLOSED)


def _in_any(rings: Sequence[Sequence[Sequence[float]]], lon: float, lat: float) -> bool:
    return any(_inside(ring, lon, lat) for ring in rings)


def _inside(ring: Sequence[Sequence[float]], lon: float, lat: float) -> bool:
    """Counts how often a ray to the east crosses the ring."""
    inside = False
    for (x1, y1, *_), (x2, y2, *_) in itertools.pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
