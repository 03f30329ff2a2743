"""What the process that decodes says to the one that looks: a header of its own length, then the pixels as they are."""

from typing import IO, Final

import msgspec
import numpy as np

from hub.errors import CorruptRecord
from vision.frame import LARGEST_SIDE, Image

LARGEST_HEADER: Final = 65_536


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """One picture, `number` from 0 on; `place_ms` is where it stands in a video. With a `fault` there are no pixels."""

    number: int
    place_ms: int | None = None
    width: int = 0
    height: int = 0
    fault: str = ""


def write(stream: IO[bytes], header: Header, bgr: Image | None = None) -> None:
    """Send one picture or fault."""
    body = msgspec.msgpack.encode(header)
    stream.write(len(body).to_bytes(4, "big") + body)
    if bgr is not None:
        stream.write(np.ascontiguousarray(bgr).data)
    stream.flush()


def read(stream: IO[bytes]) -> tuple[Header, Image | None] | None:
    """The next picture or fault; None when the other side has ended, be it in the middle of one.

    Raises:
        CorruptRecord: what comes is no header of ours.
    """
    size = stream.read(4)
    if len(size) < 4:
        return None
    length = int.from_bytes(size, "big")
    if length > LARGEST_HEADER:
        raise CorruptRecord(f"a header of {length} bytes")
    try:
        header = msgspec.msgpack.decode(stream.read(length), type=Header)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not a picture's header: {error}") from error
    if header.fault:
        return header, None
    if not (0 < header.width <= LARGEST_SIDE and 0 < header.height <= LARGEST_SIDE):
        raise CorruptRecord(f"a picture of {header.width} x {header.height}")
    pixels = stream.read(header.width * header.height * 3)
    if len(pixels) < header.width * header.height * 3:
        return None
    return header, np.frombuffer(pixels, np.uint8).reshape(header.height, header.width, 3)
