"""Smoke over time: a veil that was not there before, greyer and no sharper than what it hides, that stands on the ground and rises."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image
from vision.smoke.soft import CELL, Cells, cell_means, working

LEARN_MS: Final = 300_000
ARMED_MS: Final = 20_000
NEW_LIGHT: Final = 4.0
NEW_GREY: Final = 2.5
"""Levels of lightness changed or of colour lost, against what was there, from which on a cell is veiled."""
SHARPER: Final = (1.05, 0.4)
MORE_COLOUR: Final = 1.5
"""What a veil adds to edges and colour, at most: noise."""
THICK: Final = 15.0
MOST_SKY: Final = 0.5
"""More of the watched part changing at once is cloud or light."""
FEWEST: Final = 6
LOWER: Final = 0.45
"""A plume's foot lies in this lower part of the watched part of its column."""
RISING: Final = 0.4
"""Pixels of the small picture a second, upwards, of the parts of it whose motion shows."""
SHOWS: Final = 0.1
GROWN: Final = 2.0
"""A plume is so many times as large as it was when its foot was seen first."""
REMEMBERED_MS: Final = 60_000
STAYS: Final = 0.7
STAYS_MS: Final = 15_000
NARROW: Final = 0.25
"""Smoke comes out of a place: its foot takes less of the picture's width than this."""


@dataclass(frozen=True, slots=True)
class Plume:
    """One candidate: box in cells (x, y, w, h), its cells, how thick it is, how fast it rises (small pixels a second; 0 while not known), and
    how many times larger it is than when its foot was first seen in the last minute; `stays` is the share of the last seconds with a foot at this place.
    """

    box: tuple[int, int, int, int]
    cells: NDArray[np.bool_]
    thick: float
    rise: float
    grown: float
    stays: float

    @property
    def score(self) -> float:
        """0 to 1; what neither rises nor grows, sinks, or has no fixed foot never comes to one half."""
        if self.stays < STAYS or self.rise < -RISING:
            return round(0.25 + 0.15 * self.thick, 4)
        rising = min(1.0, max(0.0, self.rise / RISING))
        growing = min(1.0, max(0.0, (self.grown - 1) / (GROWN - 1)))
        return round(0.25 + 0.15 * self.thick + 0.55 * max(growing, 0.5 * (growing + rising)), 4)


@dataclass(eq=False)
class PlumeState:
    """What is remembered: the usual lightness, colour and edges of each cell (3 x rows x columns), since when, the last small picture, and the
    feet seen in the last minute (time, column, row, cells); `looked` are the times of the last pictures.
    """

    usual: NDArray[np.float32] | None = None
    begun: int = 0
    time: int = 0
    grey: Image | None = None
    feet: list[list[int]] = field(default_factory=list)
    looked: list[int] = field(default_factory=list)


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
        now = cell_means(small)
        watched = self._watched(now.shape[1:])
        if state.usual is None or state.usual.shape != now.shape:
            self.state = PlumeState(now, time, time, grey)
            return []
        state.looked = [*(one for one in state.looked if time - one <= STAYS_MS), time]
        veil = _veil(now, state.usual)
        new = (veil > 0) & watched
        crowded = new.sum() > MOST_SKY * max(1, watched.sum())
        found = [] if crowded or time - state.begun < ARMED_MS else self._parts(new, veil, watched, grey, time)
        step = min(1.0, (time - state.time) / LEARN_MS)
        state.usual = state.usual + np.float32(1.0 if crowded else step) * (now - state.usual)
        state.time, state.grey = time, grey
        return found

    def _watched(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        return np.asarray(cv2.resize(self._sky, shape[::-1], interpolation=cv2.INTER_AREA) > 127, bool)

    def _parts(
        self, new: NDArray[np.bool_], veil: Cells, watched: NDArray[np.bool_], grey: Image, time: int
    ) -> list[Plume]:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(new.astype(np.uint8), connectivity=8)
        order = sorted(range(1, count), key=lambda number: -int(stats[number, cv2.CC_STAT_AREA]))
        found = []
        moved: NDArray[np.float32] | None = None
        for number in order[:3]:
            x, y, w, h, area = (int(value) for value in stats[number])
            cells = labels[y : y + h, x : x + w] == number
            columns = np.flatnonzero(cells[-1])
            narrow = columns[-1] + 1 - columns[0] <= NARROW * new.shape[1]
            if area >= FEWEST and narrow and _stands(watched[:, x : x + w], y + h):
                moved = self._motion(grey, time) if moved is None else moved
                rise = _rise(moved[y : y + h, x : x + w], cells) if moved is not None else 0.0
                thick = float(veil[y : y + h, x : x + w][cells].mean())
                grown, stays = self._grown(time, x + int(columns.mean()), y + h, area)
                found.append(Plume((x, y, w, h), cells, thick, rise, grown, stays))
        return found

    def _grown(self, time: int, column: int, row: int, area: int) -> tuple[float, float]:
        """How many times larger a plume is than the smallest of the last minute on its foot, and the share of the last 15 s with it; notes this one."""
        feet = [one for one in self.state.feet if time - one[0] <= REMEMBERED_MS]
        same = [one for one in feet if abs(one[1] - column) <= 2 and abs(one[2] - row) <= 1]
        self.state.feet = [*feet, [time, column, row, area]]
        lately = {one[0] for one in same if time - one[0] <= STAYS_MS}
        looked = [one for one in self.state.looked if time - one <= STAYS_MS]
        whole = len(looked) >= 3 and looked[-1] - looked[0] >= STAYS_MS // 2
        stays = len(lately) / len(looked) if whole else 0.0
        return (area / min(one[3] for one in same) if same else 1.0), stays

    def _motion(self, grey: Image, time: int) -> NDArray[np.float32] | None:
        """How far each cell went down since the last picture, in pixels a second; None where it is too long ago to tell."""
        before, seconds = self.state.grey, (time - self.state.time) / 1000
        if before is None or not 0 < seconds <= 2.5:
            return None
        none = np.zeros((*grey.shape, 2), np.float32)
        flow = cv2.calcOpticalFlowFarneback(before, grey, none, 0.5, 3, 15, 2, 5, 1.1, 0)
        size = grey.shape[1] // CELL, grey.shape[0] // CELL
        return np.asarray(cv2.resize(flow[:, :, 1], size, interpolation=cv2.INTER_AREA) / seconds, np.float32)


def _veil(now: NDArray[np.float32], usual: NDArray[np.float32]) -> Cells:
    """How thick a veil lies over each cell, 0 to 1; 0 where what is new is sharper or more coloured than what was there."""
    change = now - usual
    lighter = np.abs(change[0])
    seen = (lighter >= NEW_LIGHT) | (change[1] <= -NEW_GREY)
    soft = (now[2] <= SHARPER[0] * usual[2] + SHARPER[1]) & (change[1] <= MORE_COLOUR)
    return np.asarray(np.where(seen & soft, np.clip(lighter / THICK, 0.1, 1), 0), np.float32)


def _stands(watched: NDArray[np.bool_], foot: int) -> bool:
    """Whether a part's foot (a row) is in the lower part of what is watched in its columns: smoke comes from the ground, clouds do not."""
    rows = np.flatnonzero(watched.any(axis=1))
    return bool(rows.size) and foot >= rows[0] + (1 - LOWER) * (rows[-1] + 1 - rows[0])


def _rise(down: NDArray[np.float32], cells: NDArray[np.bool_]) -> float:
    shows = down[cells & (np.abs(down) >= SHOWS)]
    return float(-shows.mean()) if shows.size else 0.0
