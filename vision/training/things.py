"""Debris, drawn: bottles, cans, boxes, bags, foam, cloth, rafts of leaves, branches; each a sprite with its own outline."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.noise import Chance, cloud, hue

Sprite = NDArray[np.float32]
"""Side x side x 4: BGR 0 to 255 and how much of the pixel is covered, 0 to 1."""

_OVER: Final = 3
"""Sprites are drawn this many times too large and made small, for smooth edges."""


def sprite(chance: Chance, kind: str, side: int) -> Sprite:
    """One thing of a kind, about `side` pixels long, turned at random."""
    large = np.zeros((side * _OVER, side * _OVER, 4), np.float32)
    DRAWN[kind](chance, large)
    middle = side * _OVER / 2
    turn = cv2.getRotationMatrix2D((middle, middle), chance.uniform(0, 360), 1.0)
    if kind not in {"leaves", "branch"} and chance.random() < 0.7:
        turn[1] *= (squeeze := chance.uniform(0.45, 1.0))
        turn[1, 2] += middle * (1 - squeeze)
    turned = cv2.warpAffine(large, turn, large.shape[1::-1], flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(turned, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _bottle(chance: Chance, canvas: Sprite) -> None:
    side = canvas.shape[0]
    half = side * chance.uniform(0.1, 0.2)
    left, right, middle = side * 0.06, side * 0.94, side / 2
    neck, shoulder = right - side * 0.12, right - side * chance.uniform(0.25, 0.35)
    thin = half * chance.uniform(0.3, 0.5)
    outline = [(left, middle - half), (shoulder, middle - half), (neck, middle - thin), (right, middle - thin)]
    outline += [(x, 2 * middle - y) for x, y in outline[::-1]]
    body = hue(chance, (80, 250), (0, 0.75), (0.4, 1.0))
    _fill(canvas, outline, body, chance.uniform(0.55, 1.0))
    _round(canvas, half, chance)
    at, wide = side * chance.uniform(0.15, 0.4), side * chance.uniform(0.12, 0.3)
    label = hue(chance, (0, 360), (0.1, 1.0), (0.4, 1.0))
    _fill(
        canvas,
        [(at, middle - half), (at + wide, middle - half), (at + wide, middle + half), (at, middle + half)],
        label,
        1,
    )
    cap = hue(chance, (0, 360), (0.2, 1.0), (0.5, 1.0))
    _fill(
        canvas, [(neck, middle - thin), (right, middle - thin), (right, middle + thin), (neck, middle + thin)], cap, 1
    )


def _can(chance: Chance, canvas: Sprite) -> None:
    side, half = canvas.shape[0], canvas.shape[0] * chance.uniform(0.2, 0.28)
    middle, ends = side / 2, (side * 0.1, side * 0.9)
    _fill(
        canvas,
        _corners(ends[0], middle - half, ends[1], middle + half),
        hue(chance, (0, 360), (0.5, 1.0), (0.4, 1.0)),
        1,
    )
    for _ in range(chance.integers(1, 4)):
        at = chance.uniform(0.15, 0.75) * side
        band = _corners(at, middle - half, at + side * chance.uniform(0.03, 0.2), middle + half)
        _fill(canvas, band, hue(chance, (0, 360), (0, 1.0), (0.6, 1.0)), 1)
    for end in ends:
        _fill(
            canvas,
            _corners(end - side * 0.03, middle - half * 0.9, end + side * 0.03, middle + half * 0.9),
            np.full(3, 190.0),
            1,
        )
    _round(canvas, half, chance)


def _box(chance: Chance, canvas: Sprite) -> None:
    """A carton or a foam box: two or three faces, with print on one."""
    side, colour = canvas.shape[0], _package(chance)
    x0, y0 = side * 0.12, side * chance.uniform(0.2, 0.4)
    x1, y1 = side * 0.78, side * chance.uniform(0.6, 0.85)
    slant = side * chance.uniform(0.02, 0.15)
    _fill(canvas, _corners(x0, y0, x1, y1), colour, 1)
    _print(chance, canvas, (x0, y0, x1, y1))
    lid = [(x0, y0), (x0 + slant, y0 - slant), (x1 + slant, y0 - slant), (x1, y0)]
    _fill(canvas, lid, np.minimum(colour * chance.uniform(0.85, 1.3), 255), 1)
    _fill(
        canvas,
        [(x1, y0), (x1 + slant, y0 - slant), (x1 + slant, y1 - slant), (x1, y1)],
        colour * chance.uniform(0.45, 0.85),
        1,
    )


def _bag(chance: Chance, canvas: Sprite) -> None:
    side = canvas.shape[0]
    outline = _ragged(chance, side, 14, 0.22)
    _fill(canvas, outline, _package(chance), chance.uniform(0.75, 1.0))
    folds = cloud(chance, side, side, (chance.uniform(2, 6), chance.uniform(2, 6)), 4, 0.6)
    canvas[..., :3] *= np.clip(1 + chance.uniform(0.08, 0.3) * folds, 0.2, 1.8)[..., None]
    if chance.random() < 0.4:
        middle = side * 0.5
        _print(chance, canvas, (middle * 0.7, middle * 0.7, middle * 1.3, middle * 1.3))


def _cloth(chance: Chance, canvas: Sprite) -> None:
    side = canvas.shape[0]
    _fill(canvas, _ragged(chance, side, 9, 0.35), hue(chance, (0, 360), (0, 1), (0.1, 1.0)), 1)
    weave = cloud(chance, side, side, (12, 12), 3)
    canvas[..., :3] *= np.clip(1 + 0.15 * weave, 0.3, 1.6)[..., None]


def _leaves(chance: Chance, canvas: Sprite) -> None:
    """A raft: many specks, denser in the middle, with water between."""
    side = canvas.shape[0]
    spread = chance.uniform(0.12, 0.22) * side, chance.uniform(0.08, 0.22) * side
    for _ in range(int(chance.integers(25, 160))):
        x, y = side / 2 + chance.normal(0, spread[0]), side / 2 + chance.normal(0, spread[1])
        long = side * chance.uniform(0.012, 0.05)
        colour = hue(chance, (20, 110), (0.2, 0.9), (0.2, 0.95))
        size, turn = (int(long) + 1, int(long * chance.uniform(0.3, 0.8)) + 1), chance.uniform(0, 180)
        cv2.ellipse(canvas, (int(x), int(y)), size, turn, 0, 360, (*colour, 1.0), -1)


def _branch(chance: Chance, canvas: Sprite) -> None:
    side, colour = canvas.shape[0], hue(chance, (10, 50), (0.1, 0.6), (0.08, 0.6))
    points = np.array(
        [(side * (0.05 + 0.9 * t), side / 2 + chance.normal(0, side * 0.05)) for t in np.linspace(0, 1, 7)]
    )
    thick = max(int(side * chance.uniform(0.02, 0.09)), 2)
    cv2.polylines(canvas, [points.astype(np.int32)], isClosed=False, color=(*colour, 1.0), thickness=thick)
    for _ in range(chance.integers(0, 7)):
        start = points[chance.integers(len(points))]
        end = start + chance.normal(0, side * 0.15, 2)
        cv2.line(canvas, _place(start), _place(end), (*(colour * chance.uniform(0.7, 1.3)), 1.0), max(thick // 3, 1))


DRAWN: Final[dict[str, Callable[[Chance, Sprite], None]]] = {
    "bottle": _bottle,
    "can": _can,
    "box": _box,
    "bag": _bag,
    "cloth": _cloth,
    "leaves": _leaves,
    "branch": _branch,
}
ORGANIC: Final = ("leaves", "branch")


def _package(chance: Chance) -> NDArray[np.float64]:
    """White as often as coloured: most packaging is."""
    if chance.random() < 0.5:
        return hue(chance, (0, 360), (0, 0.12), (0.6, 1.0))
    return hue(chance, (0, 360), (0.3, 1.0), (0.3, 1.0))


def _print(chance: Chance, canvas: Sprite, face: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = face
    for _ in range(chance.integers(0, 5)):
        x, y = chance.uniform(x0, x1), chance.uniform(y0, y1)
        wide, high = chance.uniform(0.05, 0.6) * (x1 - x0), chance.uniform(0.05, 0.4) * (y1 - y0)
        part = _corners(x, y, min(x + wide, x1), min(y + high, y1))
        _fill(canvas, part, hue(chance, (0, 360), (0, 1.0), (0.1, 1.0)), 1)


def _round(canvas: Sprite, half: float, chance: Chance) -> None:
    """Light across a cylinder that lies along x: bright a little off the middle, dark at the rims."""
    side = canvas.shape[0]
    across = (np.arange(side) - side / 2) / half
    light = (
        1.1 - 0.5 * across**2 + chance.uniform(0.3, 0.9) * np.exp(-(((across + chance.uniform(-0.5, 0.5)) / 0.15) ** 2))
    )
    canvas[..., :3] = np.clip(canvas[..., :3] * np.clip(light, 0.3, 2)[:, None, None], 0, 255)


def _ragged(chance: Chance, side: int, corners: int, spread: float) -> list[tuple[float, float]]:
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = side * 0.45 * np.clip(chance.normal(0.75, spread, corners), 0.25, 1)
    flat = chance.uniform(0.45, 1.0)
    return [(side / 2 + r * np.cos(t), side / 2 + r * flat * np.sin(t)) for r, t in zip(reach, turns, strict=True)]


def _corners(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _fill(canvas: Sprite, outline: list[tuple[float, float]], colour: NDArray[np.float64], cover: float) -> None:
    cv2.fillPoly(canvas, [np.round(np.array(outline)).astype(np.int32)], (*(float(v) for v in colour), cover))


def _place(point: NDArray[np.float64]) -> tuple[int, int]:
    return int(point[0]), int(point[1])
