"""The check of SL 651-2014, tables 11 and H.3.2: CRC-16 with X16+X15+X2+1, reflected, from FFFF; sent high byte first."""

from typing import Final


def _row(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value


_TABLE: Final = tuple(map(_row, range(256)))


def crc16(data: bytes) -> int:
    """The check over all bytes from the frame's start through its end character."""
    crc = 0xFFFF
    table = _TABLE
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc
