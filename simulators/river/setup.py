"""What an installer would enter for a scene's camera: zones in pixels and ground points measured on the water, without error."""

from itertools import pairwise
from typing import Final

import numpy as np

from simulators.river.lens import Camera, Exact
from simulators.river.scene import Bank, Metres, Scene, Site
from vision.camera import CameraConfig
from vision.site import Flow, GroundPoint, Patch, Point, Zone

_STEPS: Final = 6
_LEAST_AREA: Final = 64.0


def camera_config(scene: Scene, name: str) -> CameraConfig:
    """The set-up of a scene's camera before it is turned.

    Raises:
        BadCamera: a site whose polygons cannot be worked with.
    """
    camera = Camera(scene.site.lens, scene.width, scene.height)
    site = scene.site
    east, north = site.flow
    flow = Flow(float(np.degrees(np.arctan2(east, north)) % 360), float(np.hypot(east, north)))
    return CameraConfig(
        id=name,
        width=scene.width,
        height=scene.height,
        water=_zones("water", site.watch, camera),
        banks=_zones("bank", site.walk, camera),
        booms=_zones("boom", _band(site.boom), camera) if site.boom else (),
        sky=_sky(site, camera),
        ground=tuple(_point(camera, place) for place in _spread(site.watch)),
        origin=site.origin,
        flow=flow,
        reference_patch=_patch(site, camera),
    )


def watched(scene: Scene) -> Exact:
    """The watched water as a polygon in metres."""
    return np.array(scene.site.watch)


def _outline(ring: list[Metres] | tuple[Metres, ...], camera: Camera) -> Exact:
    """A ring on the ground as pixels; its sides in steps, because a lens bends them."""
    corners = np.array([*ring, ring[0]], float)
    share = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    sides = [a * (1 - share) + b * share for a, b in pairwise(corners)]
    points = np.vstack(sides)
    return camera.pixels(np.hstack([points, np.zeros((len(points), 1))]))


def _zones(name: str, ring: list[Metres] | tuple[Metres, ...], camera: Camera) -> tuple[Zone, ...]:
    """The zone, cut at the picture's edge; none if too little of it is in the picture."""
    pixels = _cut(_outline(ring, camera), camera.width, camera.height)
    if len(pixels) < 3:
        return ()
    x, y = pixels.T
    if abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2 < _LEAST_AREA:
        return ()
    return (Zone(name, tuple(Point(round(float(x), 1), round(float(y), 1)) for x, y in pixels)),)


def _cut(pixels: Exact, width: int, height: int) -> Exact:
    """A convex ring cut to the picture (Sutherland and Hodgman 1974)."""
    ring = [point for point in pixels if np.isfinite(point).all()]
    for axis, edge, sign in ((0, 0.0, 1), (0, float(width), -1), (1, 0.0, 1), (1, float(height), -1)):
        kept: list[Exact] = []
        for start, end in zip(ring, [*ring[1:], *ring[:1]], strict=True):
            a, b = sign * (start[axis] - edge), sign * (end[axis] - edge)
            if a >= 0:
                kept.append(start)
            if (a < 0) != (b < 0):
                kept.append(start + (end - start) * (a / (a - b)))
        ring = kept
    distinct = [point for number, point in enumerate(ring) if np.hypot(*(point - ring[number - 1])) > 0.5]
    return np.array(distinct).reshape(-1, 2)


def _band(boom: tuple[Metres, Metres]) -> list[Metres]:
    """The water within a metre and a half of a boom."""
    (ax, ay), (bx, by) = boom
    length = float(np.hypot(bx - ax, by - ay))
    x, y = 1.5 * (by - ay) / length, -1.5 * (bx - ax) / length
    return [(ax + x, ay + y), (bx + x, by + y), (bx - x, by - y), (ax - x, ay - y)]


def _spread(ring: tuple[Metres, ...]) -> list[Metres]:
    """Nine points over a ring of four: the corners, the sides' middles and the middle."""
    a, b, c, d = (np.array(point) for point in ring)
    shares = (0.0, 0.5, 1.0)
    places = [(a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v for u in shares for v in shares]
    return [(float(east), float(north)) for east, north in places]


def _point(camera: Camera, place: Metres) -> GroundPoint:
    ((x, y),) = camera.pixels(np.array([[*place, 0.0]]))
    inner = float(np.clip(x, 0, camera.width)), float(np.clip(y, 0, camera.height))
    if inner != (x, y):
        ((east, north),) = camera.ground(np.array([inner]))
        return GroundPoint(*inner, east=float(east), north=float(north))
    return GroundPoint(float(x), float(y), east=place[0], north=place[1])


def _sky(site: Site, camera: Camera) -> tuple[Zone, ...]:
    """All above the far bank's foot, where smoke can be."""
    far = next((bank for bank in site.banks if bank.top > 0), None)
    if far is None:
        return ()
    rows = [_foot(far, camera, column) for column in (0, camera.width - 1)]
    left, right = (float(np.clip(row, 0, camera.height)) for row in rows)
    if min(left, right) < 12:
        return ()
    points = Point(0, 0), Point(camera.width, 0), Point(camera.width, right), Point(0, left)
    return (Zone("sky", points),)


def _foot(bank: Bank, camera: Camera, column: int) -> float:
    """The row at which a bank meets the water in a column."""
    rows = np.arange(camera.height)
    met = camera.ground(np.stack([np.full(camera.height, column), rows], axis=1).astype(float))
    bearing = np.radians(bank.bearing)
    past = met @ np.array([np.sin(bearing), np.cos(bearing)]) > bank.distance
    beyond = past | np.isnan(met[:, 0])
    return float(np.flatnonzero(~beyond)[0]) if (~beyond).any() else 0.0


def _patch(site: Site, camera: Camera) -> Patch | None:
    """The largest upright rectangle on a wall in the picture, whose colour never changes."""
    places = [(bank, along) for bank in site.banks if bank.top > 0 for along in range(-60, 61, 4)]
    found = [patch for bank, along in places if (patch := _on_wall(bank, along, camera)) is not None]
    return max(found, key=lambda patch: patch.w * patch.h, default=None)


def _on_wall(bank: Bank, along: float, camera: Camera) -> Patch | None:
    bearing = np.radians(bank.bearing)
    foot = np.array([np.sin(bearing), np.cos(bearing)]) * bank.distance + along * np.array(
        [np.cos(bearing), -np.sin(bearing)]
    )
    low, high = camera.pixels(np.array([[*foot, 0.4 * bank.wall], [*foot, 0.95 * bank.wall]]))
    if not np.isfinite([low, high]).all():
        return None
    x, y, w = int(low[0]) - 16, max(int(high[1]) + 1, 0), 32
    h = int(low[1]) - y
    return Patch(x, y, w, h) if x >= 0 and h >= 4 and x + w <= camera.width and y + h <= camera.height else None
