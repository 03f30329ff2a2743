"""Frames of an HJ 212 logger, written from the text of the standard alone (HJ 212-2017, 6.3.1 and annex A)."""

from datetime import datetime, timedelta, timezone
from typing import Final, Literal

BEIJING: Final = timezone(timedelta(hours=8))

Crc = Literal["right", "wrong", "modbus"]


def check_of(segment: bytes, *, modbus: bool = False) -> int:
    """The check of annex A bit by bit as the standard writes it, or CRC-16/MODBUS."""
    register = 0xFFFF
    for byte in segment:
        register = register ^ byte if modbus else (register >> 8) ^ byte
        for _ in range(8):
            odd = register & 1
            register >>= 1
            if odd:
                register ^= 0xA001
    return register


def frame_of(segment: str, crc: Crc = "right") -> bytes:
    """A whole frame."""
    data = segment.encode()
    check = check_of(data, modbus=crc == "modbus") ^ (0x0F0F if crc == "wrong" else 0)
    return f"##{len(data):04d}".encode() + data + f"{check:04X}\r\n".encode()


def digits_of(time: int) -> str:
    """14 digits in GMT+8."""
    return datetime.fromtimestamp(time / 1000, BEIJING).strftime("%Y%m%d%H%M%S")
