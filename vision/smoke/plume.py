"""Smoke over time: a soft grey part that was not there before, that stands on one place near the ground, and rises."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image
from vision.smoke.soft import CELL, HALF, Cells, softness, working

LEARN_MS: Final = 300_000
ARMED_MS: Final = 20_000
NEW_LIGHT: Final = 4.0
"""Levels of lightness, against what was there, from which on a cell is new."""
MOST_SKY: Final = 0.5
"""More of the watched part changing at once is cloud or light."""
FEWEST: Final = 6
LOWER: Final = 0.45
"""A plume's foot lies in this lower part of the watched part of its column."""
RISING: Final = 0.4
"""Pixels of the small picture a second, upwards."""


@dataclass(frozen=True, slots=True)
class Plume:
    """One candidate: box in cells (x, y, w, h), its cells, how soft it is, and how fast it rises (small pixels a second; 0 while not known)."""

    box: tuple[int, int, int, int]
    cells: NDArray[np.bool_]
    soft: float
    rise: float

    @property
    def score(self) -> float:
        """0 to 1; without rising never above one half."""
        rising = min(1.0, max(0.0, self.rise / (2 * RISING)))
        return round(0.3 + 0.2 * self.soft + 0.45 * rising if rising else 0.2 + 0.2 * self.soft, 4)


@dataclass(eq=False)
class PlumeState:
    """What is remembered: how light each cell usually is, since when, and the last small picture."""

    usual: Cells | None = None
    begun: int = 0
    time: int = 0
    grey: Image | None = None


class Plumes:
    """Looks for smoke in the watched cells (rows x columns) of one camera."""

    def __init__(self, sky: Image) -> None:
        self._sky = sky
        self.state = PlumeState()

    def see(self, bgr: Image, time: int) -> list[Plume]:
        """The candidates in a picture, at most one for each connected part, the largest first."""
        state = self.state
        small = working(bgr)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        light = cv2.resize(grey, (grey.shape[1] // CELL, grey.shape[0] // CELL), interpolation=cv2.INTER_AREA)
        light = light.astype(np.float32)
        watched = self._watched(light.shape)
        if state.usual is None or state.usual.shape != light.shape:
            self.state = PlumeState(np.asarray(light, np.float32), time, time, grey)
            return []
        soft = softness(small)
        new = (soft >= HALF) & watched & (np.abs(light - state.usual) >= NEW_LIGHT)
        crowded = new.sum() > MOST_SKY * max(1, watched.sum())
        found = [] if crowded or time - state.begun < ARMED_MS else self._parts(new, soft, watched, grey, time)
        step = min(1.0, (time - state.time) / LEARN_MS)
        state.usual = state.usual + np.float32(1.0 if crowded else step) * (light - state.usual)
        state.time, state.grey = time, grey
        return found

    def _watched(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        return np.asarray(cv2.resize(self._sky, shape[::-1], interpolation=cv2.INTER_AREA) > 127, bool)

    def _parts(
        self, new: NDArray[np.bool_], soft: Cells, watched: NDArray[np.bool_], grey: Image, time: int
    ) -> list[Plume]:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(new.astype(np.uint8), connectivity=8)
        order = sorted(range(1, count), key=lambda number: -int(stats[number, cv2.CC_STAT_AREA]))
        found = []
        moved: NDArray[np.float32] | None = None
        for number in order[:3]:
            x, y, w, h, area = (int(value) for value in stats[number])
            cells = labels[y : y + h, x : x + w] == number
            if area >= FEWEST and _stands(watched[:, x : x + w], y + h):
                moved = self._motion(grey, time) if moved is None else moved
                rise = _rise(moved[y : y + h, x : x + w], cells) if moved is not None else 0.0
                found.append(Plume((x, y, w, h), cells, float(soft[y : y + h, x : x + w][cells].mean()), rise))
        return found

    def _motion(self, grey: Image, time: int) -> NDArray[np.float32] | None:
        """How far each cell went down since the last picture, in pixels a second; None where it is too long ago to tell."""
        before, seconds = self.state.grey, (time - self.state.time) / 1000
        if before is None or not 0 < seconds <= 2.5:
            return None
        none = np.zeros((*grey.shape, 2), np.float32)
        flow = cv2.calcOpticalFlowFarneback(before, grey, none, 0.5, 3, 15, 2, 5, 1.1, 0)
        size = grey.shape[1] // CELL, grey.shape[0] // CELL
        return np.asarray(cv2.resize(flow[:, :, 1], size, interpolation=cv2.INTER_AREA) / seconds, np.float32)


def _stands(watched: NDArray[np.bool_], foot: int) -> bool:
    """Whether a part's foot (a row) is in the lower part of what is watched in its columns: smoke comes from the ground, clouds do not."""
    rows = np.flatnonzero(watched.any(axis=1))
    return bool(rows.size) and foot >= rows[0] + (1 - LOWER) * (rows[-1] + 1 - rows[0])


def _rise(down: NDArray[np.float32], cells: NDArray[np.bool_]) -> float:
    return float(-np.median(down[cells]))
