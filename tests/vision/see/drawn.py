"""A small river for the tests: banks that stay, water that ripples, sensor noise, and things put into it."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import CameraConfig
from vision.frame import Frame, Image
from vision.geometry.view import View, view_of
from vision.site import GroundPoint, Point, Zone

WIDTH, HEIGHT, SHORE = 480, 272, 90
START = 1_760_000_000_000

Thing = tuple[int, int]


def config(**changed: object) -> CameraConfig:
    """A camera over the drawn river: 20 m by 20 m of water."""
    fields: dict[str, object] = {
        "id": "park/camera/c1",
        "width": WIDTH,
        "height": HEIGHT,
        "water": (zone("water", (0, SHORE), (WIDTH, SHORE), (WIDTH, HEIGHT), (0, HEIGHT)),),
        "ground": (
            GroundPoint(200, 110, east=0, north=20),
            GroundPoint(280, 110, east=20, north=20),
            GroundPoint(20, 260, east=0, north=0),
            GroundPoint(460, 260, east=20, north=0),
        ),
    }
    return CameraConfig(**{**fields, **changed})  # type: ignore[arg-type]  # a test says any field


def zone(name: str, *points: tuple[float, float]) -> Zone:
    return Zone(name, tuple(Point(*point) for point in points))


def view(**changed: object) -> View:
    return view_of(config(**changed))


@cache
def _still() -> NDArray[np.float32]:
    chance = np.random.default_rng(5)
    picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    rough = cv2.resize(chance.standard_normal((SHORE // 6, WIDTH // 6)).astype(np.float32), (WIDTH, SHORE))
    picture[:SHORE] = np.array([60, 110, 90], np.float32) + 45 * rough[..., None]
    slow = cv2.resize(chance.standard_normal((6, 8)).astype(np.float32), (WIDTH, HEIGHT - SHORE))
    picture[SHORE:] = np.array([95, 105, 85], np.float32) + 6 * slow[..., None]
    return picture


def picture(
    number: int, thing: Thing | None = None, *, light: float = 0, grey: bool = False, noise: float = 2
) -> Image:
    """The river at a step, with a red and white thing at a place; the same arguments give the same pixels."""
    chance = np.random.default_rng(number)
    made = _still() + light
    ripple = cv2.resize(chance.standard_normal((30, 40)).astype(np.float32), (WIDTH, HEIGHT - SHORE))
    made[SHORE:] += 2 * ripple[..., None]
    if thing is not None:
        x, y = thing
        cv2.ellipse(made, (x, y), (16, 9), 15, 0, 360, (50, 50, 205), -1)
        cv2.rectangle(made, (x - 5, y - 4), (x + 4, y + 4), (235, 240, 240), -1)
    made = made + chance.normal(0, noise, made.shape) if noise else made
    if grey:
        made = np.repeat(made.mean(axis=2, keepdims=True), 3, axis=2)
    done = np.clip(made, 0, 255).astype(np.uint8)
    done.flags.writeable = False
    return done


def frame(number: int, thing: Thing | None = None, *, grey: bool = False) -> Frame:
    """The picture as a frame, a second after the one before."""
    return Frame("park/camera/c1", START + number * 1000, number, picture(number, thing, grey=grey))
