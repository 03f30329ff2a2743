"""Whether bytes can be a picture we take, told by their header alone: nothing is unpacked before its size is known."""

from typing import Final

from hub.errors import HubError, Refused
from hub.measure import measure
from hub.pictures import CameraFault
from vision.frame import LARGEST_SIDE, SMALLEST_SIDE

MOST_PIXELS: Final = 36_000_000
"""A picture of 8000 x 4500; its pixels take 108 MB."""

MOST_BYTES: Final = 8 << 20

MOST_KEPT: Final = 2_500_000
"""Of what is no picture: more is not kept as a dead letter."""


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
