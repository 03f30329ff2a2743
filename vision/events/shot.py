"""Pictures kept because they may prove something."""

from typing import Final

import cv2
import msgspec
import numpy as np

from vision.detection import Box
from vision.frame import Frame, Image
from vision.geometry.view import View
from vision.overlay import Mark
from vision.people.blur import blurred

QUALITY: Final = 85
_PNG: Final = b"\x89PNG"


class Shot(msgspec.Struct, frozen=True):
    """One picture as it came (or as JPEG of quality 85), with what was known of it then.

    `people` are the boxes of persons in its pixels; `banks` says that anybody may be on the banks. `boxes` are those of the tracks by id.
    """

    time: int
    seq: int
    data: bytes
    people: tuple[Box, ...] = ()
    banks: bool = False
    boxes: dict[int, Box] = {}
    marks: tuple[tuple[int, Mark], ...] = ()

    @property
    def person(self) -> bool:
        """Whether it may show people."""
        return bool(self.people) or self.banks

    @property
    def media_type(self) -> str:
        """What its bytes are."""
        return "image/png" if self.data.startswith(_PNG) else "image/jpeg"

    def picture(self) -> Image:
        """Its pixels."""
        return decoded(self.data)

    def hide(self, bgr: Image, view: View) -> Image:
        """Its pixels (of any size) with people made unrecognisable."""
        config = view.config
        scale = np.array([bgr.shape[1] / config.width, bgr.shape[0] / config.height])
        rings = [np.array(zone.points, float) * scale for zone in config.banks] if self.banks else []
        return blurred(bgr, self.people, rings)


def encoded(bgr: Image, quality: int = QUALITY) -> bytes:
    """A picture as JPEG."""
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def decoded(data: bytes) -> Image:
    """The pixels of bytes that were read once already."""
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"{len(data)} bytes: expected a picture")
    return np.asarray(bgr, np.uint8)


def bytes_of(frame: Frame) -> bytes:
    """The bytes a frame came as, or a JPEG of it."""
    return frame.jpeg if frame.jpeg is not None else encoded(frame.bgr)
