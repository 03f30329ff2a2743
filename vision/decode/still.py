"""JPEG and PNG bytes to pixels; only in a process that may die of them."""

from typing import Final

import cv2
import numpy as np

from hub.errors import HubError, Refused
from hub.measure import measure
from hub.pictures import CameraFault
from vision.frame import LARGEST_SIDE, SMALLEST_SIDE, Image

MOST_PIXELS: Final = 36_000_000
"""A picture of 8000 x 4500; its pixels take 108 MB."""

MOST_BYTES: Final = 8 << 20


class BadPicture(HubError):
    """Bytes that are no picture we take: `fault` is the stable word, `detail` what was expected."""

    def __init__(self, fault: CameraFault, detail: str) -> None:
        self.fault, self.detail = fault, detail
        super().__init__(f"{fault}: {detail}")


def check_still(data: bytes) -> tuple[str, int, int]:
    """MIME type, width and height, from the header: nothing is unpacked before its size is known.

    Raises:
        BadPicture: empty, cut off, of another format, or too large.
    """
    if len(data) > MOST_BYTES:
        raise BadPicture(CameraFault.TOO_LARGE, f"{len(data)} bytes: expected at most {MOST_BYTES}")
    try:
        media, width, height = measure(data)
    except Refused as refused:
        raise BadPicture(CameraFault.BAD_PICTURE, refused.detail) from refused
    if max(width, height) > LARGEST_SIDE or width * height > MOST_PIXELS:
        raise BadPicture(
            CameraFault.TOO_LARGE,
            f"{width} x {height} pixels: expected at most {LARGEST_SIDE} a side, {MOST_PIXELS} in all",
        )
    if min(width, height) < SMALLEST_SIDE:
        raise BadPicture(CameraFault.BAD_PICTURE, f"{width} x {height} pixels: expected {SMALLEST_SIDE} or more a side")
    return media, width, height


def decode_still(data: bytes) -> Image:
    """The pixels, height x width x 3 of blue, green and red.

    Raises:
        BadPicture: as `check_still`, or the content is broken.
    """
    _, width, height = check_still(data)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise BadPicture(CameraFault.BAD_PICTURE, f"cannot be decoded: {error.err}") from error
    if image is None:
        raise BadPicture(CameraFault.BAD_PICTURE, f"cannot be decoded, though its header says {width} x {height}")
    return np.asarray(image, np.uint8)


def encode_jpeg(image: Image, quality: int = 85) -> bytes:
    """The pixels as JPEG."""
    done, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
    assert done, "JPEG takes any 8-bit picture"
    return data.tobytes()


def shrink(image: Image, longest: int) -> Image:
    """The picture with its longer side at most `longest` pixels."""
    height, width = image.shape[:2]
    scale = longest / max(width, height)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
