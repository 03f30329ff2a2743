"""What every cell of the water went through: how long it has been strange, whether it glints, and how restless it is at this hour.

A cell that has been strange for ten minutes without anybody's detection is clutter: a stone, a foam line, the mask's edge. It becomes background. What a
detection stands on is held and stays strange until it is acknowledged.
"""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image

CLUTTER_MS: Final = 600_000
LINGER_MS: Final = 4_000
"""What passes a cell faster than this may be learned: one sample of nine changes no median."""
FORGIVEN_MS: Final = 5_000
SLOT_MS: Final = 7_200_000
SLOTS: Final = 12
_GLINT_MS: Final = 60_000
_BUSY_MS: Final = 90_000
_PATCH: Final = 15
_FLICKERS: Final = 0.03
_NEVER: Final = -1


@dataclass(eq=False)
class Clutter:
    """Maps over cells (height x width); times are the frames' own in ms, -1 where never."""

    shape: tuple[int, int]
    since: NDArray[np.int64] = field(init=False)
    last: NDArray[np.int64] = field(init=False)
    held: NDArray[np.bool_] = field(init=False)
    known: NDArray[np.bool_] = field(init=False)
    clipped: NDArray[np.bool_] = field(init=False)
    sparkle: NDArray[np.float32] = field(init=False)
    busy: NDArray[np.float32] = field(init=False)
    restless: dict[int, Image] = field(default_factory=dict)
    time: int = _NEVER

    def __post_init__(self) -> None:
        self.since = np.full(self.shape, _NEVER, np.int64)
        self.last = np.full(self.shape, _NEVER, np.int64)
        self.held = np.zeros(self.shape, bool)
        self.known = np.zeros(self.shape, bool)
        self.clipped = np.zeros(self.shape, bool)
        self.sparkle = np.zeros(self.shape, np.float32)
        self.busy = np.zeros(self.shape, np.float32)

    def see(self, strange: NDArray[np.bool_], clipped: NDArray[np.bool_], time: int) -> None:
        """Note which cells are strange and which hold clipped pixels now."""
        gone = ~strange & (time - self.last > FORGIVEN_MS)
        self.since[gone] = _NEVER
        self.held[gone] = False
        self.known[~strange & (time - self.last > CLUTTER_MS)] = False
        new = strange & (self.since == _NEVER)
        self.since[new] = np.where(self.known[new], time - CLUTTER_MS - 1, time)
        self.last[strange] = time
        passed = 0 if self.time == _NEVER else max(time - self.time, 0)
        self.sparkle += np.float32(min(passed / _GLINT_MS, 1.0)) * ((clipped != self.clipped) - self.sparkle)
        self.clipped = clipped.copy()
        # What lies there for long is a thing; only what comes and goes makes a place busy.
        brief = strange & (self.age() < LINGER_MS)
        self.busy += np.float32(min(passed / _BUSY_MS, 1.0)) * (brief - self.busy)
        self.time = time

    def hold(self, cells: NDArray[np.bool_]) -> None:
        """Keep these cells strange until they are acknowledged or the thing is gone."""
        self.held |= cells & (self.since != _NEVER) & ~self.known

    def acknowledge(self, cells: NDArray[np.bool_]) -> None:
        """Let these cells become background at once."""
        self.held[cells] = False
        self.known |= cells
        self.last[cells] = self.time
        self.since[cells & (self.since != _NEVER)] = self.time - CLUTTER_MS - 1

    def glinting(self) -> NDArray[np.bool_]:
        """Cells where all around flickers between clipped and not: of a white thing only the rim does."""
        return np.asarray(cv2.blur(self.sparkle, (_PATCH, _PATCH))) > _FLICKERS

    def unrest(self) -> NDArray[np.float32]:
        """By how much the usual spread falls short at each cell: 1 where strangeness is rare, up to 3.5 where it comes and goes all the time."""
        around = np.asarray(cv2.blur(self.busy, (9, 9)), np.float32)
        factor: NDArray[np.float32] = 1 + np.minimum(around * np.float32(20), np.float32(2.5))
        return factor

    def lingering(self) -> NDArray[np.bool_]:
        """Cells that must not be learned from: strange for a while, and not clutter yet."""
        age = self.age()
        return (age >= LINGER_MS) & ((age <= CLUTTER_MS) | self.held)

    def age(self) -> NDArray[np.int64]:
        """From when to when each cell was strange lately (ms), 0 where it was not."""
        return np.where(self.since == _NEVER, 0, self.last - self.since)

    def calm_at(self, time: int) -> Image | None:
        """The spread that other days showed at this hour, cells x 4; None before there is any."""
        return self.restless.get(time // SLOT_MS % SLOTS)

    def remember(self, spread: NDArray[np.float32], time: int) -> None:
        """Keep the spread of this hour: up at once, down slowly (a fiftieth a sample)."""
        slot = time // SLOT_MS % SLOTS
        now = np.clip(spread * 4, 0, 255)
        before = self.restless.get(slot)
        self.restless[slot] = (now if before is None else np.maximum(now, before - np.maximum(before / 50, 1))).astype(
            np.uint8
        )
