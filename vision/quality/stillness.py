"""Whether a picture stands still: bit for bit, or but for a clock that is written into it; and when a calm night is not that.

A live picture never stays exactly as it is: its sensor has noise. What a camera's encoder smooths away, and what is too dark to show any, is known from the
camera's own usual restlessness, so that a still night is no frozen stream.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image
from vision.quality.register import SIZE

Standing = Literal["", "same", "noiseless"]

QUICK_MS: Final = 8_000
"""A dead stream is to be told within 10 s."""
SURE_MS: Final = 20_000
"""Where nothing is known of the camera yet: as long as encoders repeat what did not change, and longer."""
LONG_MS: Final = 3_600_000
"""Neither light nor water stays within one grey level for so long."""

_REPEATS: Final = 2
_RENEWALS: Final = 1.5
_LONGEST_RENEWAL_MS: Final = 60_000
_FADES: Final = 0.999
_CELLS: Final = 0.97
_FEWEST: Final = 30
"""Cells that are bright enough to tell anything, of the 300 of a picture."""
_DARK: Final = 20
"""Grey levels; below them noise is cut off at black."""
_SWITCH: Final = 12
"""Grey levels by which most cells change when a lamp is switched on: what is usual then is not known."""
_LIVELY: Final = 0.5
_USUAL_MS: Final = 180_000


@dataclass(eq=False)
class StillState:
    """What is remembered; times are the frames' own (ms).

    `renewal` is how long the camera itself repeats a picture, `anchor` the picture since which nothing moved, `exact` whether nothing at all changed since,
    and `lively` the share of cells that usually change from one picture to the next, by colour mode.
    """

    digest: bytes = b""
    since: int = 0
    repeats: int = 0
    renewal: float = 0.0
    before: Image | None = None
    anchor: Image | None = None
    anchored: int = 0
    calm: int = 0
    exact: bool = True
    newest: int = 0
    lively: dict[bool, float] = field(default_factory=dict)


class Stillness:
    """Is shown every picture in the order of time; the state is all it remembers."""

    def __init__(self) -> None:
        self.state = StillState()

    def step(self, time: int, digest: bytes, grey: Image, infrared: bool) -> Standing:
        """How the picture stands still, "" where it does not; `digest` is the same for the same pixels only."""
        state = self.state
        if time < state.newest:
            # The clock was set back: how long it stood still is not known.
            state.since = state.anchored = time
        tiny = np.asarray(cv2.resize(grey, SIZE, interpolation=cv2.INTER_NEAREST), np.uint8)
        self._repeated(time, digest)
        self._calmed(time, tiny)
        told = self._told(time, infrared)
        if not told:
            self._learn(time, tiny, infrared)
        state.before, state.newest = tiny, time
        return told

    def _repeated(self, time: int, digest: bytes) -> None:
        state = self.state
        if digest == state.digest:
            state.repeats += 1
            return
        stayed = state.newest - state.since
        if state.digest and stayed <= _LONGEST_RENEWAL_MS:
            # A camera that makes a snapshot every ten seconds gives each of them ten times to whoever asks once a second.
            state.renewal = max(float(stayed), _FADES * state.renewal)
        state.digest, state.since, state.repeats = digest, time, 0

    def _calmed(self, time: int, tiny: Image) -> None:
        """Whether all is within one grey level of the anchor, a cell here and there excepted: a clock, a blinking lamp."""
        state = self.state
        change = _changes(state.anchor, tiny)
        if len(change) < _FEWEST or (change <= 1).mean() < _CELLS:
            state.anchor, state.anchored, state.calm, state.exact = tiny, time, 0, True
            return
        state.calm += 1
        state.exact = state.exact and bool((change == 0).mean() >= _CELLS)

    def _told(self, time: int, infrared: bool) -> Standing:
        state = self.state
        if state.repeats >= _REPEATS and time - state.since >= max(QUICK_MS, _RENEWALS * state.renewal):
            return "same"
        lasts = time - state.anchored
        known = state.lively.get(infrared, 0.0) > _LIVELY
        sure = (known and lasts >= QUICK_MS) or (state.exact and lasts >= SURE_MS) or lasts >= LONG_MS
        limit = _RENEWALS * state.renewal
        return "noiseless" if state.calm >= _REPEATS and sure and lasts >= limit else ""

    def _learn(self, time: int, tiny: Image, infrared: bool) -> None:
        """What is usual grows from nothing, over minutes, and is not forgotten while the picture stands still."""
        state = self.state
        change = _changes(state.before, tiny)
        if len(change) and np.median(change) > _SWITCH:
            state.lively[infrared] = 0.0
        elif len(change) >= _FEWEST:
            weight = min(max(time - state.newest, 0), SURE_MS) / _USUAL_MS
            usual = state.lively.get(infrared, 0.0)
            state.lively[infrared] = usual + weight * (float((change > 1).mean()) - usual)


def _changes(before: Image | None, now: Image) -> NDArray[np.uint8]:
    """The greatest change of a pixel in every cell (16 x 12 pixels of SIZE) that is not too dark to show one."""
    if before is None:
        return np.zeros(0, np.uint8)
    cells = SIZE[1] // 12, 12, SIZE[0] // 16, 16
    worst = cv2.absdiff(before, now)[: cells[0] * 12].reshape(cells).max(axis=(1, 3))
    level = now[: cells[0] * 12].reshape(cells).mean(axis=(1, 3))
    return np.asarray(worst[level >= _DARK], np.uint8)
