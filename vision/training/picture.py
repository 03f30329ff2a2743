"""One drawn picture with its truth: a backdrop, foils, debris in it, and what a camera does to all of them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detection import Box
from vision.frame import Image
from vision.training.backdrop import Picture, bank, water
from vision.training.foils import add_foil
from vision.training.noise import Chance, cloud
from vision.training.things import DRAWN, ORGANIC, Sprite, sprite

WIDTH: Final = 960
_LEAST_SEEN: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture (BGR), the boxes of its debris, the class of each (`artificial`, `organic`), and which site it shows."""

    bgr: Image
    boxes: list[Box]
    labels: list[str]
    site: int


def drawn(site: int, number: int, seed: int) -> Drawn:
    """The picture with a number at a site; the site alone decides the backdrop's family, so sites can be held back whole."""
    chance = np.random.default_rng([seed, site, number])
    scene, on_water = _scene(site, seed)
    scene = scene.copy()
    for _ in range(chance.integers(0, 5)):
        add_foil(chance, scene)
    boxes, labels = _strewn(chance, scene, on_water)
    return Drawn(_camera(chance, scene), boxes, labels, site)


@lru_cache(maxsize=2)  # the pictures of a site are drawn one after the other
def _scene(site: int, seed: int) -> tuple[Picture, NDArray[np.bool_]]:
    """Water with a bank on some sides, or all bank or all water; and which of it is water."""
    chance = np.random.default_rng([seed, site])
    width, height = WIDTH, int(chance.choice([480, 540]))
    surface = water(chance, width, height)
    share = chance.random()
    if share < 0.4:
        return surface, np.ones((height, width), bool)
    land = bank(chance, width, height)
    if share < 0.55:
        return land, np.zeros((height, width), bool)
    tilt, offset = chance.normal(0, 0.5, 2), chance.normal(0, 0.5)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    line = across * tilt[0] + down * tilt[1] + offset + 0.1 * cloud(chance, width, height, (5, 5), 5)
    for _ in range(chance.integers(1, 6)):
        add_foil(chance, surface)
    wet = line > 0
    return np.where(wet[..., None], surface, land), wet


def _strewn(chance: Chance, scene: Picture, on_water: NDArray[np.bool_]) -> tuple[list[Box], list[str]]:
    boxes: list[Box] = []
    labels: list[str] = []
    busy = chance.choice([0, 2, 6, 14], p=[0.15, 0.35, 0.3, 0.2])
    scale = np.exp(chance.uniform(np.log(14), np.log(150)))
    for _ in range(int(busy)):
        kind = str(chance.choice(list(DRAWN)))
        side = int(np.clip(scale * np.exp(chance.normal(0, 0.4)), 9, 300))
        thing = sprite(chance, kind, side)
        box = _placed(chance, scene, thing, on_water)
        if box is not None and all(box.overlap(other) < 0.3 for other in boxes):
            boxes.append(box)
            labels.append("organic" if kind in ORGANIC else "artificial")
    return boxes, labels


def _placed(chance: Chance, scene: Picture, thing: Sprite, on_water: NDArray[np.bool_]) -> Box | None:
    """Put a thing into the scene: its foot under water, wet and dark below, mirrored before it; None where too little shows."""
    height, width = scene.shape[:2]
    side = thing.shape[0]
    x, y = (
        int(chance.integers(-side // 4, width - side * 3 // 4)),
        int(chance.integers(-side // 4, height - side * 3 // 4)),
    )
    floats = bool(on_water[min(max(y + side // 2, 0), height - 1), min(max(x + side // 2, 0), width - 1)])
    cover = thing[..., 3].copy()
    rows = np.flatnonzero(cover.max(axis=1) > 0.5)
    if not len(rows):
        return None
    colour = thing[..., :3] * chance.uniform(0.55, 1.1)
    if floats:
        foot = int(rows[-1] - (rows[-1] - rows[0]) * chance.uniform(0, 0.35))
        _mirror(chance, scene, colour, cover, (x, y, foot))
        cover[foot + 1 :] *= chance.uniform(0, 0.25)
    else:
        _shadow(chance, scene, cover, (x, y))
    soft = np.asarray(cv2.GaussianBlur(cover, (0, 0), float(chance.uniform(0.3, 1.0))), np.float32)
    _blend(scene, colour, soft, (x, y))
    return _seen(soft, (x, y), (width, height))


def _mirror(
    chance: Chance, scene: Picture, colour: Picture, cover: NDArray[np.float32], place: tuple[int, int, int]
) -> None:
    x, y, foot = place
    strength = float(chance.uniform(0, 0.5))
    _blend(scene, colour[: foot + 1][::-1] * 0.8, cover[: foot + 1][::-1] * strength, (x, y + foot + 1))


def _shadow(chance: Chance, scene: Picture, cover: NDArray[np.float32], place: tuple[int, int]) -> None:
    reach = cover.shape[0] * chance.uniform(0, 0.15)
    dark = np.asarray(cv2.GaussianBlur(cover, (0, 0), 1 + cover.shape[0] * 0.03), np.float32) * float(
        chance.uniform(0, 0.7)
    )
    _blend(scene, np.zeros((*cover.shape, 3), np.float32), dark, (int(place[0] + reach), int(place[1] + reach)))


def _blend(scene: Picture, colour: Picture, cover: NDArray[np.float32], place: tuple[int, int]) -> None:
    x, y = place
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + cover.shape[1], scene.shape[1]), min(y + cover.shape[0], scene.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = cover[y0 - y : y1 - y, x0 - x : x1 - x, None]
    scene[y0:y1, x0:x1] = scene[y0:y1, x0:x1] * (1 - part) + colour[y0 - y : y1 - y, x0 - x : x1 - x] * part


def _seen(cover: NDArray[np.float32], place: tuple[int, int], size: tuple[int, int]) -> Box | None:
    row, column = np.nonzero(cover > 0.5)
    if len(row) < 12:
        return None
    x, y = column + place[0], row + place[1]
    inside = (x >= 0) & (y >= 0) & (x < size[0]) & (y < size[1])
    if inside.mean() < _LEAST_SEEN:
        return None
    x, y = x[inside], y[inside]
    return Box(int(x.min()), int(y.min()), int(np.ptp(x)) + 1, int(np.ptp(y)) + 1)


def _camera(chance: Chance, scene: Picture) -> Image:
    """Light, colour cast, haze, night and infra-red, blur, sensor noise and JPEG."""
    picture = scene * chance.uniform(0.6, 1.25) * chance.normal(1, 0.06, 3)
    if chance.random() < 0.15:
        haze = chance.uniform(0.2, 0.6)
        picture = picture * (1 - haze) + 200 * haze
    if chance.random() < 0.15:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2) * chance.uniform(0.3, 1.0)
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), float(chance.uniform(0.3, 1.3)))
    picture = 128 + (soft.astype(np.float64) - 128) * chance.uniform(0.8, 1.4)
    picture += chance.normal(0, chance.uniform(0.5, 5), picture.shape)
    bgr = np.clip(picture, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(60, 95))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
