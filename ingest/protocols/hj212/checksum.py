"""The check of a data segment: HJ 212-2017 annex A, and the CRC-16/MODBUS that some firmware computes in its place.

Annex A drops the low byte of the register before each byte of data: `crc = T[(crc >> 8) ^ byte]`, T being the table of the polynomial A001. Only the high
byte lives on, its step is linear and, done eight times, gives back what it was given. So all bytes that stand eight apart may be XORed first, and only the
last eight need the loop. (It also means that the check does not see two bytes exchanged that stand eight apart.)
"""

from typing import Final

_POLYNOMIAL: Final = 0xA001
_FOLDS: Final = tuple(64 << step for step in range(6, -1, -1))
_MASKS: Final = tuple((1 << bits) - 1 for bits in _FOLDS)
_STEPS: Final = tuple(zip(_FOLDS, _MASKS, strict=True))


def _eight_shifts(register: int) -> int:
    for _ in range(8):
        register = (register >> 1) ^ (_POLYNOMIAL if register & 1 else 0)
    return register


_TABLE: Final = tuple(_eight_shifts(byte) for byte in range(256))
_HIGH: Final = tuple(entry >> 8 for entry in _TABLE)


def checksum(segment: bytes) -> int:
    """The 16-bit check by annex A."""
    if not segment:
        return 0xFFFF
    # The register starts as FFFF: the same as flipping the first byte with a register of 0; leading zeros then change nothing.
    folded = int.from_bytes(segment, "big") ^ (0xFF << 8 * (len(segment) - 1))
    for bits, mask in _STEPS:
        while folded > mask:
            folded = (folded >> bits) ^ (folded & mask)
    high = 0
    last = folded.to_bytes(8, "big")
    for byte in last[:7]:
        high = _HIGH[high ^ byte]
    return _TABLE[high ^ last[7]]


def modbus(segment: bytes) -> int:
    """CRC-16/MODBUS."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ _TABLE[(register ^ byte) & 0xFF]
    return register
