"""What stands on the banks: strips of wall and growth as they look from the water, painted once for each bank."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from simulators.river.lens import Floats
from simulators.river.scene import Bank

PER_METRE: Final = 16
WIDE: Final = 1536
"""Pixels after which a strip repeats: 96 metres."""

_WALLS: Final = {"stone": (112, 122, 128), "concrete": (150, 154, 156), "reed": (62, 92, 96)}
_SLACK: Final = 2.5


@lru_cache(maxsize=32)
def strip_of(bank: Bank, seed: int) -> tuple[Floats, Floats]:
    """Colours (rows x WIDE x 3, row 0 at the water) and how much of each pixel is covered (0 to 1)."""
    random = np.random.default_rng([seed, 57])
    rows = int((bank.top + _SLACK) * PER_METRE) + 1
    colour = np.zeros((rows, WIDE, 3), np.uint8)
    cover = np.zeros((rows, WIDE), np.uint8)
    foot = int(bank.wall * PER_METRE)
    _grow(colour, cover, bank, foot, random)
    colour[:foot] = _WALLS[bank.made_of]
    cover[:foot] = 255
    if bank.made_of == "stone":
        _courses(colour, foot, random)
    grain = cv2.GaussianBlur(random.normal(0, 1, (rows, WIDE)).astype(np.float32), (0, 0), 0.8) * 34
    stains = cv2.GaussianBlur(random.normal(0, 1, (rows, WIDE)).astype(np.float32), (0, 0), 14) * 170
    wet = np.clip(1 - np.arange(rows) / (0.35 * PER_METRE + 1), 0, 1)[:, None, None] * 0.45
    painted = np.clip(colour + (grain + stains)[..., None], 4, 250) * (1 - wet)
    return painted.astype(np.float32), cover.astype(np.float32) / np.float32(255)


def _courses(colour: NDArray[np.uint8], foot: int, random: np.random.Generator) -> None:
    for row in range(0, foot, 6):
        cv2.line(colour, (0, row), (WIDE, row), (84, 92, 96), 1)
        for left in random.integers(0, WIDE, WIDE // 14).tolist():
            cv2.line(colour, (left, row), (left, row + 6), (84, 92, 96), 1)


def _grow(
    colour: NDArray[np.uint8], cover: NDArray[np.uint8], bank: Bank, foot: int, random: np.random.Generator
) -> None:
    tall = max(1, int((bank.top - bank.wall) * PER_METRE))
    low = foot + max(4, tall // 8)
    colour[foot:low] = (58, 96, 84)
    cover[foot:low] = 255
    if bank.grown_with == "houses":
        _houses(colour, cover, foot, tall, random)
    for _ in range({"trees": 900, "houses": 160, "grass": 60}[bank.grown_with]):
        height = random.uniform(0.1, 0.85 if bank.grown_with == "trees" else 0.4)
        at = int(random.integers(0, WIDE)), foot + int(tall * height)
        size = int(random.uniform(0.05, 0.15) * tall + 3)
        green = random.uniform(0.55, 1.25)
        shade = (int(40 * green), int(84 * green), int(62 * green * random.uniform(0.8, 1.25)))
        for shift in (-WIDE, 0, WIDE):
            cv2.circle(colour, (at[0] + shift, at[1]), size, shade, -1)
            cv2.circle(cover, (at[0] + shift, at[1]), size, 255, -1)


def _houses(
    colour: NDArray[np.uint8], cover: NDArray[np.uint8], foot: int, tall: int, random: np.random.Generator
) -> None:
    left = 0
    while left < WIDE:
        wide, height = int(random.integers(90, 190)), int(tall * random.uniform(0.5, 1.0))
        right, shade = min(WIDE, left + wide), random.uniform(0.75, 1.15)
        colour[foot : foot + height, left:right] = np.array([168, 178, 186]) * shade
        cover[foot : foot + height, left:right] = 255
        for storey in range(foot + 18, foot + height - 20, 44):
            for window in range(left + 12, right - 20, 34):
                cv2.rectangle(colour, (window, storey), (window + 14, storey + 22), (70, 64, 58), -1)
        left = right + int(random.integers(4, 30))
