"""How things look: each is drawn once, from above (and people from the side), as colour times cover; larger than it will be seen."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from simulators.river.things import FORMS, Thing
from simulators.river.waves import Bytes

LONG: Final = 128
TALL: Final = 160
_ROOM: Final = 4
_FULL: Final = 255


@lru_cache(maxsize=512)
def sprite_of(cls: str, seed: int) -> Bytes:
    """Blue, green, red (times cover) and cover of a thing; the long side is `LONG` pixels, a person's height `TALL`."""
    form = FORMS[cls]
    random = np.random.default_rng([seed, 11])
    colour = form.colours[int(random.integers(len(form.colours)))]
    rows = TALL if form.outline == "person" else max(24, int(LONG * form.width))
    columns = TALL // 3 if form.outline == "person" else LONG
    cover = np.zeros((rows, columns), np.uint8)
    paint = np.empty((rows, columns, 3), np.uint8)
    paint[:] = np.clip(np.array(colour) * random.uniform(0.85, 1.1), 0, 255)
    _OUTLINES[form.outline](cover, paint, random)
    grain = cv2.GaussianBlur(random.normal(0, 1, (rows, columns)).astype(np.float32), (0, 0), 3) * 60
    shaded = np.clip(paint + grain[..., None], 0, 255) * (cover[..., None] / np.float32(_FULL))
    return np.dstack([shaded.astype(np.uint8), cover])


@lru_cache(maxsize=512)
def outline_of(cls: str, seed: int) -> tuple[float, float]:
    """How much of its nominal length a thing's outline really has, and how much of its rectangle it fills."""
    solid = sprite_of(cls, seed)[..., 3] > _FULL // 3
    columns = np.flatnonzero(solid.any(axis=0))
    return (columns[-1] + 1 - columns[0]) / solid.shape[1], float(solid.mean())


def scaled(thing: Thing, pixels: float) -> Bytes:
    """The sprite no more than twice as large as it will be seen, so that it is not sampled thinly."""
    steps = 0
    while LONG >> (steps + 1) >= max(2 * pixels, 12) and steps < 3:
        steps += 1
    return _smaller(thing.cls, thing.seed, steps)


@lru_cache(maxsize=512)
def _smaller(cls: str, seed: int, steps: int) -> Bytes:
    sprite = sprite_of(cls, seed)
    size = max(4, sprite.shape[1] >> steps), max(4, sprite.shape[0] >> steps)
    return np.asarray(cv2.resize(sprite, size, interpolation=cv2.INTER_AREA), np.uint8) if steps else sprite


def _round(cover: Bytes, paint: Bytes, random: np.random.Generator) -> None:
    rows, columns = cover.shape
    neck = int(columns * random.uniform(0.7, 0.9))
    cv2.ellipse(cover, (neck // 2, rows // 2), (neck // 2 - _ROOM, rows // 2 - _ROOM), 0, 0, 360, _FULL, -1)
    cv2.rectangle(cover, (neck - 8, rows // 2 - rows // 7), (columns - _ROOM, rows // 2 + rows // 7), _FULL, -1)
    band = int(columns * 0.25), int(columns * 0.5)
    paint[:, band[0] : band[1]] = random.integers(30, 235, 3)
    paint[rows // 4 : rows // 4 + max(2, rows // 9)] = 248


def _square(cover: Bytes, paint: Bytes, random: np.random.Generator) -> None:
    rows, columns = cover.shape
    ring = np.array(
        [(_ROOM, _ROOM), (columns - _ROOM, _ROOM), (columns - _ROOM, rows - _ROOM), (_ROOM, rows - _ROOM)], float
    )
    ring += random.uniform(-0.06, 0.06, ring.shape) * rows
    cv2.fillPoly(cover, [ring.astype(np.int32)], _FULL)
    for row in range(rows // 4, rows, rows // 4):
        cv2.line(paint, (0, row), (columns, row), tuple(int(v * 0.82) for v in paint[0, 0].tolist()), 2)


def _ragged(cover: Bytes, random: np.random.Generator, corners: int, rough: float) -> None:
    rows, columns = cover.shape
    turn = np.sort(random.uniform(0, 2 * np.pi, corners))
    reach = 1 - rough * random.uniform(0, 1, corners)
    x = columns / 2 + (columns / 2 - _ROOM) * reach * np.cos(turn)
    y = rows / 2 + (rows / 2 - _ROOM) * reach * np.sin(turn)
    cv2.fillPoly(cover, [np.stack([x, y], axis=1).astype(np.int32)], _FULL)


def _torn(cover: Bytes, paint: Bytes, random: np.random.Generator) -> None:
    _ragged(cover, random, 22, 0.38)
    _flecks(cover, paint, random, 60, 0.72, 1.2)


def _mixed(cover: Bytes, paint: Bytes, random: np.random.Generator) -> None:
    _ragged(cover, random, 26, 0.3)
    cover[:] = cv2.bitwise_and(cover, _holes(cover.shape, random, 0.35))
    rows, columns = cover.shape
    for _ in range(70):
        at = int(random.integers(columns)), int(random.integers(rows))
        cv2.circle(paint, at, int(random.integers(2, 7)), random.integers(25, 245, 3).tolist(), -1)


def _lace(cover: Bytes, _: Bytes, random: np.random.Generator) -> None:
    _ragged(cover, random, 18, 0.5)
    cover[:] = cv2.GaussianBlur(cv2.bitwise_and(cover, _holes(cover.shape, random, 0.55)), (0, 0), 2.5) // 2


def _twig(cover: Bytes, _: Bytes, random: np.random.Generator) -> None:
    rows, columns = cover.shape
    middle = rows // 2
    x = np.linspace(_ROOM, columns - _ROOM, 7)
    bend = np.stack([x, middle + random.uniform(-0.22, 0.22, 7) * rows], axis=1).astype(np.int32)
    cv2.polylines(cover, [bend], False, _FULL, max(3, rows // 3))
    for start in bend[1:-1]:
        end = start + np.array([random.integers(6, 20), int(random.choice([-1, 1]) * rows * 0.42)])
        cv2.line(cover, start.tolist(), end.tolist(), _FULL, 2)


def _hull(cover: Bytes, paint: Bytes, random: np.random.Generator) -> None:
    rows, columns = cover.shape
    low, high, half = _ROOM, rows - _ROOM, rows // 2
    ring = [(_ROOM, low), (int(columns * 0.7), low), (columns - _ROOM, half), (int(columns * 0.7), high), (_ROOM, high)]
    cv2.fillPoly(cover, [np.array(ring, np.int32)], _FULL)
    inner = [
        (12, low + 6),
        (int(columns * 0.66), low + 6),
        (int(columns * 0.86), half),
        (int(columns * 0.66), high - 6),
        (12, high - 6),
    ]
    cv2.fillPoly(paint, [np.array(inner, np.int32)], (92, 112, 128))
    cv2.rectangle(
        paint, (int(columns * 0.3), low + 8), (int(columns * 0.5), high - 8), random.integers(60, 220, 3).tolist(), -1
    )


def _bird(cover: Bytes, paint: Bytes, _: np.random.Generator) -> None:
    rows, columns = cover.shape
    cv2.ellipse(cover, (columns * 2 // 5, rows // 2), (columns * 2 // 5 - _ROOM, rows // 3), 0, 0, 360, _FULL, -1)
    cv2.circle(cover, (columns * 5 // 6, rows // 2), max(4, rows // 5), _FULL, -1)
    paint[:, columns * 3 // 4 :] = (40, 80, 40)
    paint[:, columns * 9 // 10 :] = (40, 160, 210)


def _swimmer(cover: Bytes, paint: Bytes, _: np.random.Generator) -> None:
    rows, columns = cover.shape
    cv2.circle(cover, (columns * 3 // 4, rows // 2), rows // 4, _FULL, -1)
    cv2.ellipse(cover, (columns * 2 // 5, rows // 2), (columns // 3, rows // 5), 0, 0, 360, 170, -1)
    cv2.line(cover, (columns // 2, rows // 5), (columns * 4 // 5, rows * 4 // 5), _FULL, 8)
    paint[:, columns * 3 // 5 :] = (40, 46, 60)


def _person(cover: Bytes, paint: Bytes, random: np.random.Generator) -> None:
    rows, columns = cover.shape
    middle = columns // 2
    cv2.circle(cover, (middle, rows // 12), rows // 14, _FULL, -1)
    cv2.ellipse(cover, (middle, rows * 3 // 10), (columns // 3, rows // 6), 0, 0, 360, _FULL, -1)
    for side in (-1, 1):
        cv2.line(cover, (middle + side * 6, rows // 2), (middle + side * columns // 5, rows - 3), _FULL, columns // 5)
        cv2.line(
            cover,
            (middle + side * columns // 4, rows // 5),
            (middle + side * columns // 3, rows // 2),
            _FULL,
            columns // 8,
        )
    paint[: rows // 7] = (110, 140, 180)
    paint[rows * 45 // 100 :] = random.integers(20, 90, 3)


def _holes(shape: tuple[int, ...], random: np.random.Generator, share: float) -> Bytes:
    field = cv2.GaussianBlur(random.normal(0, 1, shape).astype(np.float32), (0, 0), 4)
    return np.where(field > np.quantile(field, share), 255, 0).astype(np.uint8)


def _flecks(cover: Bytes, paint: Bytes, random: np.random.Generator, count: int, low: float, high: float) -> None:
    rows, columns = cover.shape
    tone = paint[0, 0].astype(float)
    for _ in range(count):
        at = int(random.integers(columns)), int(random.integers(rows))
        shade = np.clip(tone * random.uniform(low, high), 0, 255).astype(int).tolist()
        cv2.ellipse(
            paint,
            at,
            (int(random.integers(3, 11)), int(random.integers(2, 5))),
            float(random.uniform(0, 180)),
            0,
            360,
            shade,
            -1,
        )


_OUTLINES: Final = {
    "round": _round,
    "square": _square,
    "torn": _torn,
    "mixed": _mixed,
    "lace": _lace,
    "twig": _twig,
    "hull": _hull,
    "bird": _bird,
    "swimmer": _swimmer,
    "person": _person,
}
