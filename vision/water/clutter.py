"""What every cell of the water went through: how long it has been strange, whether it glints, and how restless it is at this hour.

A cell that has been strange for ten minutes without anybody's detection is clutter: a stone, a foam line, the mask's edge. It becomes background. What a
detection stands on is held and stays strange until it is acknowledged.
"""

from dataclasses import dataclass, field
from typing import Final

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
_NEVER: Final = -1


@dataclass(eq=False)
class Clutter:
    """Maps over cells (height x width); times are the frames' own in ms, -1 where never."""

    shape: tuple[int, int]
    since: NDArray[np.int64] = field(init=False)
    last: NDArray[np.int64] = field(init=False)
    held: NDArray[np.bool_] = field(init=False)
    sparkle: NDArray[np.float32] = field(init=False)
    restless: dict[int, Image] = field(default_factory=dict)
    time: int = _NEVER

    def __post_init__(self) -> None:
        self.since = np.full(self.shape, _NEVER, np.int64)
        self.last = np.full(self.shape, _NEVER, np.int64)
        self.held = np.zeros(self.shape, bool)
        self.sparkle = np.zeros(self.shape, np.float32)

    def see(self, strange: NDArray[np.bool_], clipped: NDArray[np.bool_], time: int) -> None:
        """Note which cells are strange and which hold clipped pixels now."""
        gone = ~strange & (time - self.last > FORGIVEN_MS)
        self.since[gone] = _NEVER
        self.held[gone] = False
        self.since[strange & (self.since == _NEVER)] = time
        self.last[strange] = time
        step = 1.0 if self.time == _NEVER else min(max(time - self.time, 0) / _GLINT_MS, 1.0)
        self.sparkle += np.float32(step) * (clipped - self.sparkle)
        self.time = time

    def hold(self, cells: NDArray[np.bool_]) -> None:
        """Keep these cells strange until they are acknowledged or the thing is gone."""
        self.held |= cells & (self.since != _NEVER)

    def acknowledge(self, cells: NDArray[np.bool_]) -> None:
        """Let these cells become background at once."""
        self.held[cells] = False
        self.since[cells & (self.since != _NEVER)] = self.time - CLUTTER_MS - 1

    def glinting(self) -> NDArray[np.bool_]:
        """Cells that flicker between clipped and not: a white thing that lies still does not."""
        return (self.sparkle > 0.05) & (self.sparkle < 0.8)

    def lingering(self) -> NDArray[np.bool_]:
        """Cells that must not be learned from: strange for a while, and not clutter yet."""
        age = np.where(self.since == _NEVER, 0, self.time - self.since)
        return (age >= LINGER_MS) & ((age <= CLUTTER_MS) | self.held)

    def age(self) -> NDArray[np.int64]:
        """How long each cell has been strange (ms), 0 where it is not."""
        return np.where(self.since == _NEVER, 0, self.time - self.since)

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
