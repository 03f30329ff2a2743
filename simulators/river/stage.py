"""Putting things into the picture: warped by the camera's own perspective, layer on layer up to their height; says what is seen of each."""

from dataclasses import dataclass, field
from math import ceil, cos, sin
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from simulators.river.lens import Camera, Exact, Floats
from simulators.river.plate import Plate
from simulators.river.scene import Site
from simulators.river.sprites import outline_of, scaled
from simulators.river.things import Place, Thing
from simulators.river.truth import Seen
from simulators.river.view import on_water
from simulators.river.waves import Bytes

_SOLID: Final = 0.35
_MIRROR: Final = 0.22
_LEAST: Final = 1.2
_ASHORE: Final = frozenset({"walker", "angler"})


@dataclass(slots=True)
class _Drawn:
    thing: Thing
    place: Place
    left: int
    top: int
    whole: float
    cover: Floats
    visible: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.visible = self.cover > _SOLID


def draw(picture: Bytes, things: list[tuple[Thing, Place]], camera: Camera, site: Site, plate: Plate) -> list[Seen]:
    """Draw things, far ones first, into a picture, and say what can be seen of each."""
    done: list[_Drawn] = []
    order = sorted(things, key=lambda item: -item[1].north)
    for thing, place in order:
        if thing.form.kind not in _ASHORE and not on_water(site, place.east, place.north):
            continue
        drawn = _one(picture, thing, place, camera, plate)
        if drawn is not None:
            for other in done:
                _hide(other, drawn)
            done.append(drawn)
    return [seen for item in done if (seen := _seen(item)) is not None]


def _one(picture: Bytes, thing: Thing, place: Place, camera: Camera, plate: Plate) -> _Drawn | None:
    layers = _person(thing, place, camera) if thing.form.outline == "person" else _stack(thing, place, camera)
    if layers is None:
        return None
    corners, sprite, shades = layers
    height, width = picture.shape[:2]
    low, high = np.floor(corners.min(axis=(0, 1))) - 2, np.ceil(corners.max(axis=(0, 1))) + 3
    if (
        not np.isfinite(corners).all()
        or (high < 0).any()
        or (low > (width, height)).any()
        or (high - low > 1.5 * width).any()
    ):
        return None
    size = int(high[0] - low[0]), int(high[1] - low[1])
    body, mirror = np.zeros((size[1], size[0], 4), np.float32), np.zeros((size[1], size[0], 4), np.float32)
    for corner, shade in zip(corners, shades, strict=True):
        _lay(mirror if shade < 0 else body, sprite, corner - low, abs(shade))
    left, top = int(low[0]), int(low[1])
    inner = slice(max(0, -top), min(size[1], height - top)), slice(max(0, -left), min(size[0], width - left))
    if inner[0].start >= inner[0].stop or inner[1].start >= inner[1].stop:
        return None
    window = picture[top + inner[0].start : top + inner[0].stop, left + inner[1].start : left + inner[1].stop]
    at = min(max(top + size[1] // 2, 0), height - 1), min(max(left + size[0] // 2, 0), width - 1)
    clear, beam = float(plate.clear[at]), float(plate.beam[at])
    _blend(window, mirror[inner], plate, clear * _MIRROR, beam, _MIRROR)
    _blend(window, body[inner], plate, clear, beam, 1.0)
    return _Drawn(
        thing,
        place,
        left + inner[1].start,
        top + inner[0].start,
        float((body[..., 3] > _SOLID).sum()),
        body[inner][..., 3],
    )


def _stack(thing: Thing, place: Place, camera: Camera) -> tuple[Exact, Bytes, list[float]] | None:
    """Pixels of three corners of each layer from the water up (n x 3 x 2), the sprite, and each layer's shade, negative for the mirror's."""
    form = thing.form
    along = np.array([cos(place.heading), sin(place.heading)]) * thing.length / 2
    aside = np.array([-sin(place.heading), cos(place.heading)]) * thing.length * form.width / 2
    middle = np.array([place.east, place.north])
    tall = thing.length * form.height
    scale = camera.focal / max(float(camera.distance(np.array([place.east, place.north, 0.0]))[0]), 1)
    if thing.length * scale < _LEAST:
        return None
    steps = max(1, min(9, ceil(tall * scale / 2.5)))
    ups = [place.up + tall * step / max(steps - 1, 1) if steps > 1 else place.up for step in range(steps)]
    mirrored = [-up for up in ups[1:]][::-1] if tall * scale > 3 else []
    heights = [*mirrored, *ups]
    shades = [*(-0.8 for _ in mirrored), *(0.6 + 0.4 * (step + 1) / steps for step in range(steps))]
    ground = [middle - along - aside, middle + along - aside, middle - along + aside]
    points = np.array([[*point, up] for up in heights for point in ground])
    return camera.pixels(points).reshape(-1, 3, 2), scaled(thing, thing.length * scale), shades


def _person(thing: Thing, place: Place, camera: Camera) -> tuple[Exact, Bytes, list[float]] | None:
    """A person as a board that faces the camera."""
    right = camera.axes[0]
    tall = thing.length * thing.form.height
    foot = np.array([place.east, place.north, 0.0])
    half = right * tall / 6
    up = np.array([0, 0, tall])
    points = np.stack([foot - half + up, foot + half + up, foot - half])
    scale = camera.focal / max(float(camera.distance(foot)[0]), 1)
    return camera.pixels(points)[None], scaled(thing, tall * scale), [1.0]


def _lay(patch: Floats, sprite: Bytes, corners: Exact, shade: float) -> None:
    """Warp a sprite onto three corners (top left, top right, bottom left) over what is there."""
    rows, columns = sprite.shape[:2]
    source = np.array([[0, 0], [columns, 0], [0, rows]], np.float32) - np.float32(0.5)
    matrix = cv2.getAffineTransform(source, corners.astype(np.float32))
    size = patch.shape[1], patch.shape[0]
    warped = cv2.warpAffine(sprite, matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32)
    warped[..., :3] *= shade
    cover = warped[..., 3:] / 255
    patch *= 1 - cover
    patch += warped * np.array([1, 1, 1, 1 / 255], np.float32)


def _blend(window: Bytes, patch: Floats, plate: Plate, clear: float, beam: float, strength: float) -> None:
    cover = patch[..., 3:] * strength
    if not cover.any():
        return
    light = plate.light
    lit = patch[..., :3] * light.paint
    if light.infrared:
        lit = lit.mean(axis=2, keepdims=True) * np.float32(min(beam, 1.6) * 1.15)
    share = clear / max(strength, 1e-6)
    lit = lit * share + plate.air * patch[..., 3:] * (1 - share)
    lit = (lit + (lit.mean(axis=2, keepdims=True) - plate.pivot * patch[..., 3:]) * (plate.stretch - 1)) * strength
    window[:] = np.clip(window * (1 - cover) + lit, 0, 255).astype(np.uint8)


def _hide(other: _Drawn, front: _Drawn) -> None:
    """Take from one what a nearer one covers."""
    rows, columns = other.visible.shape
    high, wide = front.cover.shape
    top, bottom = max(other.top, front.top), min(other.top + rows, front.top + high)
    left, right = max(other.left, front.left), min(other.left + columns, front.left + wide)
    if top >= bottom or left >= right:
        return
    hidden = front.cover[top - front.top : bottom - front.top, left - front.left : right - front.left] > _SOLID
    other.visible[top - other.top : bottom - other.top, left - other.left : right - other.left] &= ~hidden


def _seen(item: _Drawn) -> Seen | None:
    rows, columns = np.flatnonzero(item.visible.any(axis=1)), np.flatnonzero(item.visible.any(axis=0))
    if not len(rows) or not item.whole:
        return None
    thing, place = item.thing, item.place
    left, top = item.left, item.top
    box = left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1
    share_of_length, fill = outline_of(thing.cls, thing.seed)
    size = thing.length * (thing.form.height if thing.form.outline == "person" else share_of_length)
    area = thing.length**2 * thing.form.width * fill
    share = round(float(item.visible.sum()) / item.whole, 3)
    return Seen(thing.id, thing.form.kind, thing.cls, box, size, area, (place.east, place.north), share, place.speed)
