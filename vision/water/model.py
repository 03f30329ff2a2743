"""The water of one camera over time: what is strange in a frame, at two scales, and in the calm of several frames."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image
from vision.geometry.polygon import covered
from vision.state import pack, unpack
from vision.water.appearance import KEPT, Appearance, beyond, limits, median_of_nine
from vision.water.clutter import Clutter
from vision.water.picture import CELL, Layers, any_channel, enlarged

Phase = Literal["learning", "armed", "recalibrating"]

FINE: Final = 6.0
CELLS: Final = 5.0
CALM: Final = 4.0
FIRST_MS: Final = 1_000
SOON_MS: Final = 3_000
LATER_MS: Final = 12_000
SOON: Final = 24
"""So many samples are taken quickly before the pace slows down."""
JUMP: Final = 0.8
BEFORE_JUMP: Final = 0.3
_CLIPPED: Final = 240
_ASKED: Final = 4_000
"""So many cells are enough to tell the light by."""


@dataclass(frozen=True, slots=True, eq=False)
class Strange:
    """What is strange in a frame: `fine` pixels, `cells` (either scale, for this frame or for several), each 0 or 255; shares are of the water."""

    phase: Phase
    fine: Image
    cells: Image
    share: float
    glint: float
    light: float


class WaterModel:
    """Learns one water area; shown every usable frame in the order of time."""

    def __init__(self, water: Image) -> None:
        self._water = water
        size = water.shape[1] // CELL, water.shape[0] // CELL
        self._wet = np.asarray(cv2.resize(water, size, interpolation=cv2.INTER_AREA), np.uint8) > 127
        self._some_wet = np.flatnonzero(self._wet)[:: max(int(self._wet.sum()) // _ASKED, 1)]
        self._cells_wet = self._wet.view(np.uint8) * np.uint8(255)
        self._clear()
        self.clutter = Clutter(self._wet.shape)
        self._phase: Phase = "learning"

    def _clear(self) -> None:
        self._fine, self._cells = Appearance(), Appearance()
        self._recent: deque[Image] = deque(maxlen=KEPT)
        self._limits: tuple[Image, Image, Image] | None = None
        self._learned: int | None = None
        self._taken = 0
        self._raw_share = 0.0

    def step(self, seen: Layers, time: int) -> Strange:
        """What is strange now; learns on the way."""
        self._recent.append(seen.cells)
        if self._limits is None or self._cells.median is None or self._fine.median is None:
            self._learn(seen, time)
            return self._nothing()
        offset = self._light(seen.cells)
        if self._jumped(seen.cells):
            self._clear()
            self._phase = "recalibrating"
            return self._nothing()
        fine, calm, cells = self._beyond(seen, offset)
        clipped = self._clipped(seen)
        sparks = self._glinting(clipped)
        wet = cv2.bitwise_and(fine, self._water)
        fine = np.asarray(cv2.bitwise_and(wet, cv2.bitwise_not(enlarged(sparks, self._water.shape))), np.uint8)
        together = cv2.bitwise_and(cv2.bitwise_or(cells, calm), self._cells_wet)
        together[sparks > 0] = 0
        self.clutter.see((together > 0) | self._any_fine(fine), clipped, time)
        self._learn(seen, time)
        count = max(int(self._wet.sum()), 1)
        share = cv2.countNonZero(together) / count
        return Strange(
            "armed",
            fine,
            np.asarray(together, np.uint8),
            share,
            float(clipped.sum()) / count,
            offset[0],
        )

    def hold(self, boxes: list[tuple[int, int, int, int]]) -> None:
        """Keep what lies in these boxes (pixels of the layers) strange until it is acknowledged."""
        self.clutter.hold(self._boxed(boxes))

    def acknowledge(self, boxes: list[tuple[int, int, int, int]]) -> None:
        """Let what lies in these boxes become background: somebody knows of it."""
        self.clutter.acknowledge(self._boxed([_wider(box) for box in boxes]))

    def _boxed(self, boxes: list[tuple[int, int, int, int]]) -> NDArray[np.bool_]:
        rings = [np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], float) / CELL for x, y, w, h in boxes]
        return covered(rings, self._wet.shape[1], self._wet.shape[0]) > 0

    def _nothing(self) -> Strange:
        return Strange(self._phase, np.zeros_like(self._water), np.zeros_like(self._cells_wet), 0.0, 0.0, 0.0)

    def _light(self, cells: Image) -> tuple[float, float, float]:
        """What the light changed since the median, as the middle change of all cells of water."""
        assert self._cells.median is not None
        wet = self._some_wet
        change = cells.reshape(-1, 4)[wet, :3].astype(np.int16) - self._cells.median.reshape(-1, 4)[wet, :3]
        half = len(change) // 2
        middle = [float(np.partition(change[:, channel], half)[half]) for channel in range(3)] if half else [0.0] * 3
        return middle[0], middle[1], middle[2]

    def _jumped(self, cells: Image) -> bool:
        """Whether most of the water changed from one frame to the next: a lamp, a switch to infra-red."""
        assert self._cells.median is not None
        assert self._limits is not None
        raw = any_channel(beyond(cells, self._cells.median, self._limits[1]))
        before, self._raw_share = self._raw_share, float((raw[self._wet] > 0).mean()) if self._wet.any() else 0.0
        return self._raw_share > JUMP and before < BEFORE_JUMP

    def _beyond(self, seen: Layers, offset: tuple[float, ...]) -> tuple[Image, Image, Image]:
        assert self._fine.median is not None
        assert self._cells.median is not None
        assert self._limits is not None
        fine = any_channel(beyond(seen.fine, self._fine.median, self._limits[0], offset))
        cells = any_channel(beyond(seen.cells, self._cells.median, self._limits[1], offset))
        if len(self._recent) < KEPT:
            return fine, np.zeros_like(cells), cells
        calm = median_of_nine(list(self._recent))
        return fine, any_channel(beyond(calm, self._cells.median, self._limits[2], self._light(calm))), cells

    def _clipped(self, seen: Layers) -> NDArray[np.bool_]:
        """Cells with a pixel as bright as the sensor goes."""
        bright = (seen.fine[..., 0] >= _CLIPPED).view(np.uint8) * np.uint8(255)
        size = self._wet.shape[1], self._wet.shape[0]
        return (np.asarray(cv2.resize(bright, size, interpolation=cv2.INTER_AREA)) > 0) & self._wet

    def _glinting(self, clipped: NDArray[np.bool_]) -> Image:
        """Cells (0 or 255) that are or may be sparks now: near clipped ones where there is often a spark."""
        if not clipped.any():
            return np.zeros(clipped.shape, np.uint8)
        square = np.ones((3, 3), np.uint8)
        often = cv2.dilate(self.clutter.glinting().view(np.uint8), square)
        return np.asarray(cv2.bitwise_and(often, cv2.dilate(clipped.view(np.uint8), square)), np.uint8) * np.uint8(255)

    def _any_fine(self, fine: Image) -> NDArray[np.bool_]:
        """Cells of which a good part of the pixels is strange."""
        size = self._wet.shape[1], self._wet.shape[0]
        return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8) > 96

    def _learn(self, seen: Layers, time: int) -> None:
        """Take a sample when it is due; time that runs backwards makes it due."""
        spacing = FIRST_MS if self._limits is None else SOON_MS if self._taken < SOON else LATER_MS
        if self._learned is not None and 0 <= time - self._learned < spacing:
            return
        self._learned = time
        self._taken += 1
        keep_out = self.clutter.lingering().view(np.uint8) * np.uint8(255)
        self._cells.learn(seen.cells, keep_out)
        self._fine.learn(seen.fine, enlarged(keep_out, self._water.shape))
        if self._cells.spread is None or self._fine.spread is None:
            return
        if self._limits is not None:
            self.clutter.remember(self._cells.spread, time)
        self._phase = "armed"
        self._set_limits(time)

    def _set_limits(self, time: int) -> None:
        assert self._fine.spread is not None
        assert self._cells.spread is not None
        unrest, hour = self.clutter.unrest(), self.clutter.calm_at(time)
        cells = self._cells.spread * unrest[..., None]
        wide = self._fine.spread * np.asarray(cv2.resize(unrest, self._water.shape[::-1]), np.float32)[..., None]
        if hour is not None:
            other_days = hour.astype(np.float32) / np.float32(4)
            cells = np.maximum(cells, other_days)
            wide = np.maximum(wide, np.asarray(cv2.resize(other_days, self._water.shape[::-1]), np.float32))
        self._limits = limits(wide, FINE), limits(cells, CELLS), limits(cells, CALM)

    def export(self) -> bytes:
        """The whole state."""
        clutter = self.clutter
        return pack(
            {
                "shape": list(self._water.shape),
                "phase": self._phase,
                "fine": _told(self._fine),
                "cells": _told(self._cells),
                "recent": list(self._recent),
                "limits": list(self._limits or ()),
                "learned": self._learned,
                "raw_share": self._raw_share,
                "taken": self._taken,
                "clutter": {
                    name: getattr(clutter, name)
                    for name in ("since", "last", "held", "known", "clipped", "sparkle", "busy", "time")
                },
                "restless": {str(slot): cells for slot, cells in clutter.restless.items()},
            }
        )

    def restore(self, raw: bytes) -> None:
        """Take up an exported state.

        Raises:
            ValueError: not an export, or that of another picture size.
        """
        held = unpack(raw)
        if held.get("shape") != list(self._water.shape):
            raise ValueError(f"state of water {held.get('shape')}: expected {list(self._water.shape)}")
        self._phase, self._learned, self._taken = held["phase"], held["learned"], held["taken"]
        self._raw_share = held["raw_share"]
        self._fine, self._cells = _made(held["fine"]), _made(held["cells"])
        self._recent = deque(held["recent"], maxlen=KEPT)
        bounds = held["limits"]
        self._limits = (bounds[0], bounds[1], bounds[2]) if bounds else None
        for name, value in held["clutter"].items():
            setattr(self.clutter, name, value)
        self.clutter.restless = {int(slot): cells for slot, cells in held["restless"].items()}


def _wider(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """A box with its rim and its mirror image in the water."""
    x, y, w, h = box
    rim = 2 * CELL
    return x - w // 4 - rim, y - h // 4 - rim, w + w // 2 + 2 * rim, h + h + 2 * rim


def _told(look: Appearance) -> dict[str, Any]:
    return {"samples": look.samples, "median": look.median, "spread": look.spread}


def _made(told: dict[str, Any]) -> Appearance:
    return Appearance(told["samples"], told["median"], told["spread"])
