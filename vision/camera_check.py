"""What can be wrong with a camera's configuration; each check gives its mistakes as field, value and expected form."""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Final

import numpy as np

from vision.camera import THRESHOLDS, CameraConfig, Mistake
from vision.frame import LARGEST_SIDE, SMALLEST_SIDE
from vision.geometry.ground import ground_metres
from vision.geometry.homography import Degenerate, Homography, fit, residuals
from vision.geometry.polygon import area, crosses_itself
from vision.site import GroundPoint, Zone

LARGEST_RESIDUAL: Final = 0.05
_ID: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")
_ZONES: Final = ("water", "banks", "exclusions", "booms", "sky")
_RANGES: Final = {
    "min_size_m": (0.02, 50.0),
    "min_area_m2": (0.0, 1000.0),
    "min_share": (0.0, 1.0),
    "cooldown_s": (0.0, 86_400.0),
}


def mistakes(config: CameraConfig) -> list[Mistake]:
    """Everything wrong with a configuration; empty when it can be worked with."""
    found = [*_plain(config), *_ranges(config), *_zones(config), *_patch(config)]
    return found or [*_ground(config)]


def _plain(config: CameraConfig) -> Iterator[Mistake]:
    if not _ID.fullmatch(config.id):
        yield Mistake("id", repr(config.id), "1 to 128 of A-Z a-z 0-9 _ . : / -")
    for name, side in (("width", config.width), ("height", config.height)):
        if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
            yield Mistake(name, str(side), f"{SMALLEST_SIDE} to {LARGEST_SIDE} pixels")
    if config.thresholds != THRESHOLDS:
        yield Mistake("thresholds", str(config.thresholds), f"{THRESHOLDS}, the version this hub has")
    if not 1 <= config.persist.k <= config.persist.n <= 100:
        yield Mistake("persist", f"{config.persist.k} of {config.persist.n}", "1 <= k <= n <= 100")


def _ranges(config: CameraConfig) -> Iterator[Mistake]:
    values = [(name, getattr(config, name), low, high) for name, (low, high) in _RANGES.items()]
    values += [(f"limits.{name}", getattr(config.limits, name), 0.0, 1e6) for name in config.limits.__struct_fields__]
    if config.flow:
        values.append(("flow.direction_deg", config.flow.direction_deg, 0.0, 360.0))
        values.append(("flow.speed_m_s", config.flow.speed_m_s, 0.0, 15.0))
    if config.origin:
        values += [("origin[0]", config.origin[0], -180.0, 180.0), ("origin[1]", config.origin[1], -90.0, 90.0)]
    for name, value, low, high in values:
        if not (isfinite(value) and low <= value <= high):
            yield Mistake(name, str(value), f"{low:g} to {high:g}")


def _zones(config: CameraConfig) -> Iterator[Mistake]:
    if not config.water:
        yield Mistake("water", "()", "one polygon or more")
    for kind in _ZONES:
        zones: tuple[Zone, ...] = getattr(config, kind)
        names = [zone.name for zone in zones]
        for number, zone in enumerate(zones):
            if names.index(zone.name) != number:
                yield Mistake(f"{kind}[{number}].name", repr(zone.name), "a name of its own")
            yield from _polygon(f"{kind}[{number}].points", zone, config)


def _polygon(field: str, zone: Zone, config: CameraConfig) -> Iterator[Mistake]:
    ring = np.array(zone.points, float).reshape(-1, 2)
    if not 3 <= len(ring) <= 200:
        yield Mistake(field, f"{len(ring)} points", "3 to 200 points")
        return
    if not _inside(ring, config):
        yield Mistake(field, _first_outside(ring, config), f"pixels from 0 to {config.width} and 0 to {config.height}")
    elif pair := crosses_itself(ring):
        yield Mistake(field, f"sides {pair[0] + 1} and {pair[1] + 1} cross", "a polygon that does not cross itself")
    elif area(ring) < 16:
        yield Mistake(field, f"{area(ring):.1f} pixels", "an area of 16 pixels or more")


def _inside(points: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", config: CameraConfig) -> bool:
    return bool(np.isfinite(points).all() and (points >= 0).all() and (points <= (config.width, config.height)).all())


def _first_outside(points: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", config: CameraConfig) -> str:
    x, y = next(point for point in points if not _inside(point, config))
    return f"({x:g}, {y:g})"


def _patch(config: CameraConfig) -> Iterator[Mistake]:
    if (patch := config.reference_patch) is None:
        return
    fits = patch.x >= 0 and patch.y >= 0 and patch.x + patch.w <= config.width and patch.y + patch.h <= config.height
    if patch.w < 4 or patch.h < 4 or not fits:
        value = f"{patch.w} x {patch.h} at ({patch.x}, {patch.y})"
        yield Mistake("reference_patch", value, "4 x 4 pixels or more inside the frame")


def _ground(config: CameraConfig) -> Iterator[Mistake]:
    points = config.ground
    if not points:
        return
    if len(points) < 4:
        yield Mistake("ground", f"{len(points)} points", "none, or 4 points or more")
        return
    form = [*_point_forms(config)]
    if form:
        yield from form
        return
    pixels, metres = np.array([(p.x, p.y) for p in points]), ground_metres(points)
    try:
        plane = fit(pixels, metres)
    except Degenerate as error:
        given, _, expected = str(error).partition(": expected ")
        yield Mistake("ground", given, expected)
        return
    for number, miss in enumerate(residuals(plane, pixels, metres)):
        if not miss <= LARGEST_RESIDUAL:
            yield Mistake(
                f"ground[{number}]", f"residual {miss:.1%}", f"at most {LARGEST_RESIDUAL:.0%}: measure it again"
            )
    yield from _horizon(config, plane)


def _point_forms(config: CameraConfig) -> Iterator[Mistake]:
    in_degrees = config.ground[0].lon is not None
    for number, point in enumerate(config.ground):
        if not _inside(np.array([point.x, point.y]), config):
            yield Mistake(f"ground[{number}]", f"({point.x:g}, {point.y:g})", "a pixel inside the frame")
        if not _one_form(point, in_degrees=in_degrees):
            yield Mistake(f"ground[{number}]", _place(point), "east and north, or lon and lat, the same in all points")


def _one_form(point: GroundPoint, *, in_degrees: bool) -> bool:
    degrees, metres = (point.lon, point.lat), (point.east, point.north)
    given, absent = (degrees, metres) if in_degrees else (metres, degrees)
    limits = (180.0, 90.0) if in_degrees else (1e5, 1e5)
    whole = all(value is not None and abs(value) <= limit for value, limit in zip(given, limits, strict=True))
    return whole and absent == (None, None)


def _place(point: GroundPoint) -> str:
    return f"east {point.east}, north {point.north}, lon {point.lon}, lat {point.lat}"


def _horizon(config: CameraConfig, plane: Homography) -> Iterator[Mistake]:
    for number, zone in enumerate(config.water):
        above = plane.depth(np.array(zone.points)) <= 0
        if above.any():
            x, y = zone.points[int(np.argmax(above))]
            yield Mistake(
                f"water[{number}].points",
                f"({x:g}, {y:g}) on or above the horizon",
                "water below the horizon of the ground points",
            )
