"""What lies behind a thing: water of many colours with reflections and glint, and banks of stone, soil, sand and leaves."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.noise import Chance, Plane, cloud, hue, tinted, waves

Picture = NDArray[np.float32]
"""Height x width x 3, BGR, 0 to 255."""


def water(chance: Chance, width: int, height: int) -> Picture:
    """A surface: its own colour, the sky and the bank mirrored in it, waves, and sometimes glint or foam."""
    slope = waves(chance, width, height, chance.uniform(1.5, 6))
    own = hue(chance, (20, 260), (0.05, 0.6), (0.12, 0.7))
    sky = hue(chance, (180, 280), (0, 0.3), (0.5, 1.0))
    rough = float(chance.choice([0.02, 0.06, 0.15, 0.3]))
    mirror = _mirrored(chance, width, height, sky)
    moved = _wobbled(mirror, slope, rough * 60)
    glance = np.linspace(chance.uniform(0.3, 0.9), chance.uniform(0.05, 0.5), height, dtype=np.float32)[:, None, None]
    depth = tinted(cloud(chance, width, height, (3, 3), 3), own * 0.85, own * 1.15)
    picture = depth * (1 - glance) + moved * glance
    picture *= 1 + rough * slope[..., None] * chance.uniform(0.3, 1.0)
    if chance.random() < 0.3:
        picture = _glint(chance, picture, slope)
    if chance.random() < 0.2:
        picture = _foam(chance, picture)
    return np.asarray(np.clip(picture, 0, 255), np.float32)


def bank(chance: Chance, width: int, height: int) -> Picture:
    """Stone, soil, sand, grass or fallen leaves, with the shadows that trees throw."""
    kinds = [(20, 50, 0.05, 0.3), (15, 40, 0.2, 0.5), (40, 120, 0.2, 0.6), (200, 240, 0.0, 0.12), (15, 60, 0.2, 0.6)]
    low, high, weak, strong = kinds[chance.integers(len(kinds))]
    colour = hue(chance, (low, high), (weak, strong), (0.3, 0.85))
    grain = cloud(chance, width, height, tuple(chance.uniform(4, 40, 2)), 6, chance.uniform(0.6, 0.95))
    ridged = np.abs(grain) * 2 - 1.5 if chance.random() < 0.4 else grain
    relief = np.asarray(ridged * chance.uniform(0.5, 1.6), np.float32)
    picture = tinted(relief, colour * 0.35, np.minimum(colour * 1.4, 255))
    if chance.random() < 0.5:
        shade = cloud(chance, width, height, (chance.uniform(2, 14), chance.uniform(2, 14)), 2)
        dark = 1 / (1 + np.exp(-6 * (shade - chance.uniform(-0.5, 1))))
        picture *= (1 - chance.uniform(0.3, 0.7) * dark)[..., None]
    return np.asarray(np.clip(picture, 0, 255), np.float32)


def _mirrored(chance: Chance, width: int, height: int, sky: NDArray[np.float64]) -> Picture:
    """The far bank upside down: trees, walls and poles before the sky."""
    picture = np.broadcast_to(sky, (height, width, 3)).astype(np.float32).copy()
    picture *= 1 + 0.08 * cloud(chance, width, height, (2, 2), 2)[..., None]
    for _ in range(chance.integers(0, 4)):
        x, wide = int(chance.uniform(0, width)), int(chance.uniform(0.05, 0.3) * width)
        deep = int(chance.uniform(0.2, 1.0) * height)
        colour = hue(chance, (0, 360), (0, 0.3), (0.2, 0.8))
        cv2.rectangle(picture, (x, 0), (x + wide, deep), tuple(colour), -1)
        for row in range(0, deep, max(int(chance.uniform(8, 40)), 4)):
            cv2.line(picture, (x, row), (x + wide, row), tuple(colour * chance.uniform(0.5, 1.3)), 2)
    if chance.random() < 0.7:
        leaves = tinted(cloud(chance, width, height, (12, 8), 5, 0.7), *_leaf(chance))
        reach = chance.uniform(0.1, 0.7) * height * (1 + 0.3 * cloud(chance, width, 1, (6, 1), 4)[0])
        trees = (np.arange(height)[:, None] < reach)[..., None]
        picture = np.where(trees, leaves, picture)
    return picture


def _leaf(chance: Chance) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    colour = hue(chance, (35, 140), (0.2, 0.8), (0.25, 0.7))
    return colour * 0.3, colour


def _wobbled(picture: Picture, slope: Plane, reach: float) -> Picture:
    height, width = slope.shape
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(
        picture, across + slope * reach * 0.4, down + slope * reach, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(moved, np.float32)


def _glint(chance: Chance, picture: Picture, slope: Plane) -> Picture:
    """Sparks where the slope throws the sun back, in a patch of the surface."""
    height, width = slope.shape
    x, y = chance.uniform(0, width), chance.uniform(0, height)
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    patch = np.exp(-(((across - x) / (0.25 * width)) ** 2) - (((down - y) / (0.4 * height)) ** 2))
    sparks = 1 / (1 + np.exp(-8 * (slope + patch * chance.uniform(1, 2.5) - chance.uniform(2.2, 2.8))))
    return np.asarray(picture + (255 - picture) * (sparks * patch.clip(0.2))[..., None], np.float32)


def _foam(chance: Chance, picture: Picture) -> Picture:
    """White and brown streaks along the current."""
    height, width = picture.shape[:2]
    streak = cloud(chance, width, height, (chance.uniform(2, 8), chance.uniform(15, 60)), 5, 0.8)
    part = np.clip((streak - chance.uniform(1.2, 2.2)) * 1.5, 0, chance.uniform(0.3, 0.9))[..., None]
    return np.asarray(picture * (1 - part) + chance.uniform(170, 245) * part, np.float32)
