"""JPEG and PNG bytes to pixels; only in a process that may die of them."""

import cv2
import numpy as np

from hub.pictures import CameraFault
from vision.decode.header import BadPicture, check_still
from vision.frame import Image

ImageError = cv2.error
"""What OpenCV raises of pixels that it cannot work with."""


def work_alone() -> None:
    """Let OpenCV use one thread: workers share the machine by being several."""
    cv2.setNumThreads(1)


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


def coarse(image: Image, longest: int = 96, shown: int = 480) -> Image:
    """The picture with all detail of a person gone, as large as can be looked at."""
    small = shrink(image, longest)
    size = (shown, max(1, round(shown * small.shape[0] / small.shape[1])))
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)
