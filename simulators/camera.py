"""A river camera: draws a river seen from a bridge, with ripples, a far bank and, when it happens, rubbish drifting by."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from simulators.message import Outgoing
from simulators.scenario import DeviceOf, Happening

Picture = NDArray[np.uint8]

_WIDTH: Final = 640
_HEIGHT: Final = 360
_HORIZON: Final = 96
_FAR_BANK: Final = 118
_QUALITY: Final = 72
_DEBRIS: Final = 5


class CameraSimulator:
    """Sends one JPEG a period on `.../frame/{epoch_ms}`; the truth names the box of each piece of rubbish in pixels."""

    def __init__(self, topic: str, device: DeviceOf, happenings: Sequence[Happening], seed: int) -> None:
        self._topic = f"{topic}/frame"
        self._device = device.name
        self._happenings = happenings
        self._random = np.random.default_rng([seed, 2000 + device.number])
        self._scene = _draw_scene(self._random)
        self._lanes = self._random.uniform(_FAR_BANK + 40, _HEIGHT - 20, _DEBRIS)
        self._starts = self._random.uniform(0, _WIDTH, _DEBRIS)
        self._sizes = self._random.uniform(5, 11, _DEBRIS)

    def messages(self, moment: int, elapsed: float) -> list[Outgoing]:
        """The picture at `moment` (epoch ms), `elapsed` seconds into the scenario."""
        running = [item for item in self._happenings if item.running(elapsed) is not None]
        if any(item.what == "silence" for item in running):
            return []
        picture = self._scene.copy()
        _ripple(picture, elapsed, self._random)
        debris = any(item.what == "debris" for item in running)
        boxes = self._drift(picture, elapsed) if debris else []
        _caption(picture, f"{self._device}  {moment}")
        done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not done:
            raise RuntimeError("OpenCV could not encode a picture it was given")
        return [Outgoing(f"{self._topic}/{moment}", jpeg.tobytes(), moment, {"debris": boxes})]

    def _drift(self, picture: Picture, elapsed: float) -> list[list[int]]:
        boxes = []
        for lane, start, size in zip(self._lanes, self._starts, self._sizes, strict=True):
            nearness = (lane - _HORIZON) / (_HEIGHT - _HORIZON)
            x = int((start + 22 * nearness * elapsed) % _WIDTH)
            y, half = int(lane), max(2, int(size * nearness))
            cv2.ellipse(picture, (x, y), (2 * half, half), 8, 0, 360, (178, 196, 204), -1, cv2.LINE_AA)
            cv2.ellipse(
                picture, (x + half, y - half // 2), (half, half // 2), -20, 0, 360, (70, 96, 168), -1, cv2.LINE_AA
            )
            boxes.append([x - 2 * half, y - half, x + 2 * half, y + half])
        return boxes


def _draw_scene(random: np.random.Generator) -> Picture:
    rows = np.linspace(0, 1, _HEIGHT, dtype=np.float32)[:, None, None]
    water = np.array([118, 112, 78], np.float32) * (1 - 0.45 * rows) + np.array([58, 66, 46], np.float32) * 0.45 * rows
    scene = np.broadcast_to(water, (_HEIGHT, _WIDTH, 3)).astype(np.uint8).copy()
    scene[:_HORIZON] = (224, 206, 186)
    skyline = _HORIZON - random.integers(8, 46, 18)
    for place, top in enumerate(skyline):
        left = place * _WIDTH // 18
        cv2.rectangle(scene, (left, int(top)), (left + _WIDTH // 18 - 3, _HORIZON), (158, 152, 148), -1)
    cv2.rectangle(scene, (0, _HORIZON), (_WIDTH, _FAR_BANK), (72, 104, 84), -1)
    bank = np.array([[0, _HEIGHT], [0, _HEIGHT - 70], [150, _HEIGHT]], np.int32)
    cv2.fillPoly(scene, [bank], (88, 108, 118))
    return scene


def _ripple(picture: Picture, elapsed: float, random: np.random.Generator) -> None:
    for row in range(_FAR_BANK + 6, _HEIGHT, 7):
        shift = row * 37 + int(14 * np.sin(row * 0.9 + elapsed * 0.8))
        length = 12 + (row - _FAR_BANK) // 5
        for left in range(shift % 61, _WIDTH, 61):
            shade = int(random.integers(96, 132))
            cv2.line(picture, (left, row), (left + length, row), (shade, shade - 4, shade - 30), 1, cv2.LINE_AA)


def _caption(picture: Picture, text: str) -> None:
    cv2.putText(picture, text, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 2, cv2.LINE_AA)
    cv2.putText(picture, text, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (245, 245, 245), 1, cv2.LINE_AA)
