"""What a picture's own header says of it: format and size, read without decoding, so that nothing is unpacked that is too large."""

from typing import Final

from hub.errors import Refused

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"

_JPEG_SIZE: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG frame header (ISO/IEC 10918-1, table B.1): all SOFn; DHT, JPG and DAC lie between them."""
_JPEG_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))
_JPEG_SCAN: Final = 0xDA


def measure(picture: bytes) -> tuple[str, int, int]:
    """MIME type, width and height from the header, without decoding.

    Raises:
        Refused: bad_picture.
    """
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", *_jpeg_size(picture)
    if picture.startswith(_PNG):
        return "image/png", *_png_size(picture)
    raise Refused("bad_picture", f"neither JPEG nor PNG: it begins with {picture[:8].hex(' ') or 'nothing'}")


def _png_size(picture: bytes) -> tuple[int, int]:
    # PNG (ISO/IEC 15948), 5.6: IHDR comes first, IEND last.
    if picture[12:16] != b"IHDR" or _PNG_END not in picture[-64:]:
        raise Refused("bad_picture", "a PNG that is cut off, or without IHDR")
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    if b"\xff\xd9" not in picture[-1024:]:
        raise Refused("bad_picture", "a JPEG that is cut off: no end marker")
    place = 2
    while place + 9 <= len(picture) and picture[place] == 0xFF:
        marker = picture[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _JPEG_ALONE:
            place += 2
        elif marker in _JPEG_SIZE:
            return int.from_bytes(picture[place + 7 : place + 9]), int.from_bytes(picture[place + 5 : place + 7])
        elif marker == _JPEG_SCAN:
            break
        else:
            place += 2 + max(2, int.from_bytes(picture[place + 2 : place + 4]))
    raise Refused("bad_picture", "a JPEG without a frame header before its first scan")
