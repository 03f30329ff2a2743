"""What is not debris and looks like it: boats, birds, sparks, rings, stones, tufts, poles, wakes, and the text cameras write into pictures."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from vision.training.backdrop import Picture
from vision.training.noise import Chance, cloud, hue


def add_foil(chance: Chance, picture: Picture) -> None:
    """Draw one foil of a random kind somewhere into the picture."""
    FOILS[chance.integers(len(FOILS))](chance, picture)


def _where(chance: Chance, picture: Picture) -> tuple[int, int]:
    height, width = picture.shape[:2]
    return int(chance.uniform(0, width)), int(chance.uniform(0, height))


def _boat(chance: Chance, picture: Picture) -> None:
    x, y = _where(chance, picture)
    long = int(chance.uniform(60, 260))
    high = int(long * chance.uniform(0.12, 0.25))
    hull = np.array([(x, y), (x + long, y), (x + int(long * 0.88), y + high), (x + int(long * 0.1), y + high)])
    cv2.fillPoly(picture, [hull], tuple(hue(chance, (0, 360), (0, 0.9), (0.2, 1.0))), cv2.LINE_AA)
    at = x + int(long * chance.uniform(0.2, 0.5))
    cabin = (at, y - high), (at + int(long * 0.3), y)
    cv2.rectangle(picture, *cabin, tuple(hue(chance, (0, 360), (0, 0.4), (0.4, 1.0))), -1)
    cv2.rectangle(picture, (at + 4, y - high + 4), (at + 4 + long // 8, y - high // 2), (40, 40, 40), -1)


def _bird(chance: Chance, picture: Picture) -> None:
    x, y = _where(chance, picture)
    size = int(chance.uniform(5, 24))
    shade = float(chance.choice([20, 60, 130, 240]))
    colour = (shade, shade * 0.97, shade * 0.94)
    cv2.ellipse(picture, (x, y), (size, max(size // 2, 2)), 0, 0, 360, colour, -1, cv2.LINE_AA)
    ahead = int(chance.choice([-1, 1])) * size
    cv2.line(picture, (x + ahead * 3 // 4, y), (x + ahead, y - size), colour, max(size // 5, 1), cv2.LINE_AA)
    cv2.circle(picture, (x + ahead, y - size), max(size // 4, 1), colour, -1, cv2.LINE_AA)


def _sparks(chance: Chance, picture: Picture) -> None:
    x, y = _where(chance, picture)
    for _ in range(chance.integers(3, 40)):
        left, top = int(x + chance.normal(0, 60)), int(y + chance.normal(0, 20))
        size = (int(chance.uniform(1, 14)), int(chance.uniform(1, 3)))
        cv2.ellipse(picture, (left, top), size, chance.uniform(-10, 10), 0, 360, (255, 255, 255), -1, cv2.LINE_AA)


def _rings(chance: Chance, picture: Picture) -> None:
    x, y = _where(chance, picture)
    flat = chance.uniform(0.2, 0.6)
    for radius in range(4, int(chance.uniform(10, 70)), int(chance.uniform(4, 12))):
        shade = float(chance.uniform(60, 230))
        cv2.ellipse(picture, (x, y), (radius, int(radius * flat) + 1), 0, 0, 360, (shade, shade, shade), 1, cv2.LINE_AA)


def _stone(chance: Chance, picture: Picture) -> None:
    """A rock with its own grain and a wet rim: the commonest thing in a river that is no debris."""
    height, width = picture.shape[:2]
    x, y = _where(chance, picture)
    reach = chance.uniform(8, 130)
    turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    lengths = reach * np.clip(chance.normal(0.8, 0.15, 16), 0.4, 1.2)
    outline = np.column_stack([x + lengths * np.cos(turns), y + lengths * np.sin(turns) * chance.uniform(0.4, 0.9)])
    mask = np.zeros((height, width), np.float32)
    cv2.fillPoly(mask, [outline.astype(np.int32)], 1.0, cv2.LINE_AA)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.0), np.float32)[..., None]
    tone = hue(chance, (15, 60), (0, 0.35), (0.15, 0.8))
    grain = cloud(chance, width, height, (chance.uniform(10, 40), chance.uniform(10, 40)), 5, 0.8)[..., None]
    light = np.linspace(1.3, 0.6, height, dtype=np.float32)[:, None, None]
    picture *= 1 - soft
    picture += soft * np.clip(tone * light * (1 + 0.25 * grain), 0, 255).astype(np.float32)


def _tuft(chance: Chance, picture: Picture) -> None:
    x, y = _where(chance, picture)
    reach = chance.uniform(10, 90)
    colour = hue(chance, (20, 130), (0.2, 0.9), (0.2, 0.8))
    for _ in range(chance.integers(20, 120)):
        end = int(x + chance.normal(0, reach * 0.5)), int(y - abs(chance.normal(0, reach)))
        start = int(x + chance.normal(0, reach * 0.3)), y
        cv2.line(picture, start, end, tuple(colour * chance.uniform(0.5, 1.3)), 1, cv2.LINE_AA)


def _pole(chance: Chance, picture: Picture) -> None:
    x, y = _where(chance, picture)
    end = int(x + chance.normal(0, 30)), int(y + chance.uniform(-300, 300))
    if chance.random() < 0.4:
        end = int(x + chance.uniform(-600, 600)), int(y + chance.normal(0, 60))
    cv2.line(
        picture,
        (x, y),
        end,
        tuple(hue(chance, (0, 360), (0, 0.3), (0.05, 0.9))),
        int(chance.uniform(1, 8)),
        cv2.LINE_AA,
    )


def _wake(chance: Chance, picture: Picture) -> None:
    x, y = _where(chance, picture)
    for _ in range(chance.integers(2, 7)):
        span = chance.uniform(80, 400)
        bend = np.array([(x + span * t, y + 20 * np.sin(3 * t) + span * t * 0.15) for t in np.linspace(0, 1, 12)])
        shade = float(chance.uniform(30, 240))
        cv2.polylines(
            picture,
            [bend.astype(np.int32)],
            isClosed=False,
            color=(shade,) * 3,
            thickness=int(chance.uniform(1, 5)),
            lineType=cv2.LINE_AA,
        )
        y += int(chance.uniform(4, 16))


def _text(chance: Chance, picture: Picture) -> None:
    words = "".join(chance.choice(list("0123456789-: ABPZ")) for _ in range(20))
    height = picture.shape[0]
    place = (int(chance.uniform(4, 300)), int(chance.choice([24, height - 16])))
    size = float(chance.uniform(0.5, 1.1))
    for shade, thick in ((0.0, 4), (255.0, 1)):
        mask = np.zeros(picture.shape[:2], np.uint8)
        cv2.putText(mask, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, 255, thick, cv2.LINE_AA)
        picture += (shade - picture) * (mask[..., None] / np.float32(255))


FOILS: Final[list[Callable[[Chance, Picture], None]]] = [
    _boat,
    _bird,
    _sparks,
    _rings,
    _stone,
    _stone,
    _tuft,
    _pole,
    _wake,
    _text,
]
