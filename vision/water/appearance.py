"""The usual look of every cell of a picture: robust median and spread over minutes, and how far a picture is from that.

The last nine samples are kept as pictures, and median and spread are taken of them exactly by a sorting network of minima and maxima: no decay constant to
tune, four bad samples of nine change nothing, and the same samples give the same bits.
"""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image

KEPT: Final = 9
FLOOR: Final = 2
"""Grey levels that are never a difference: JPEG and rounding."""
_PER_SPREAD: Final = 1.4826
_CALMER: Final = 0.25
_ROUGH: Final = 0.9
_WAVE: Final = 13
_AROUND: Final = 61
_NETWORK: Final = (
    (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3),
    (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
)  # fmt: skip
"""Exchanges that bring the median of nine to place 4 (Paeth, Graphics Gems 1990)."""


def median_of_nine(samples: list[Image]) -> Image:
    """The median of nine pictures, pixel by pixel.

    Raises:
        ValueError: not nine.
    """
    if len(samples) != KEPT:
        raise ValueError(f"{len(samples)} samples: expected {KEPT}")
    place = list(samples)
    for low, high in _NETWORK:
        first, second = place[low], place[high]
        place[low], place[high] = np.asarray(cv2.min(first, second)), np.asarray(cv2.max(first, second))
    return place[4]


@dataclass(eq=False)
class Appearance:
    """The look of one picture size in `channels` channels of uint8; empty until the first nine samples are there."""

    samples: list[Image] = field(default_factory=list)
    median: Image | None = None
    spread: NDArray[np.float32] | None = None

    @property
    def ready(self) -> bool:
        """Whether differences can be told."""
        return self.median is not None

    def learn(self, picture: Image, keep_out: Image | None = None) -> None:
        """Take a sample; cells that are set in `keep_out` (0 or 255) stay as they were."""
        if self.median is not None and keep_out is not None:
            picture = picture.copy()
            cv2.copyTo(self.median, keep_out, picture)
        self.samples = [*self.samples, picture][-KEPT:]
        if len(self.samples) == KEPT:
            self._sum_up()

    def forget(self) -> None:
        """Begin anew."""
        self.samples, self.median, self.spread = [], None, None

    def _sum_up(self) -> None:
        median = median_of_nine(self.samples)
        apart = [np.asarray(cv2.absdiff(sample, median), np.uint8) for sample in self.samples]
        # Spread of nine samples is rough: it is shared with the neighbours and follows slowly when it falls.
        rough = median_of_nine(apart).astype(np.float32) * np.float32(_PER_SPREAD)
        now = np.asarray(cv2.blur(rough, (7, 7)), np.float32)
        now = np.maximum(now, _rough(self.samples[-1]), dtype=np.float32)
        if self.spread is not None:
            slowly = self.spread + np.float32(_CALMER) * (now - self.spread)
            now = np.maximum(now, slowly, dtype=np.float32)
        self.median, self.spread = median, now


def limits(spread: NDArray[np.float32], times: float) -> Image:
    """The distance that is still usual: `times` the spread, in grey levels."""
    return np.asarray(cv2.convertScaleAbs(spread, alpha=times, beta=FLOOR * times / 2), np.uint8)


def _rough(picture: Image) -> NDArray[np.float32]:
    """How rough a picture is around each place: what ripples do in space now they will do in time, and nine samples have not seen it all."""
    apart = cv2.absdiff(picture, cv2.blur(picture, (_WAVE, _WAVE)))
    return np.asarray(cv2.blur(apart, (_AROUND, _AROUND)), np.float32) * np.float32(_ROUGH)


def beyond(picture: Image, median: Image, limits: Image, offset: tuple[float, ...] = ()) -> Image:
    """By how much each channel lies beyond its limit, in grey levels; `offset` is what the light changed in each."""
    light = (*offset, 0.0, 0.0, 0.0, 0.0)[:4]
    usual = cv2.add(median, light) if any(light) else median  # type: ignore[call-overload]  # a scalar is as good to OpenCV
    return np.asarray(cv2.subtract(cv2.absdiff(picture, usual), limits), np.uint8)
