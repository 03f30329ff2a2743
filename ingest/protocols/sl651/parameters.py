"""The running parameters of SL 651-2014, table D.4: digits and decimals by guide. A table of facts."""

from types import MappingProxyType
from typing import Final

from ingest.field.session import ProtocolError

_SPANS: Final = (
    (0x20, 0x22, 2, 0),  # intervals of reports, start of the rain day
    (0x23, 0x23, 4, 0),  # sampling interval, s
    (0x24, 0x24, 2, 0),  # interval at which levels are kept, min
    (0x25, 0x26, 2, 1),  # resolution of rain (mm) and level (cm)
    (0x27, 0x27, 2, 0),  # rain that makes a report, mm
    (0x28, 0x2F, 7, 3),  # bases of level 1 to 8, m
    (0x30, 0x37, 5, 3),  # corrections of level 1 to 8, m
    (0x38, 0x3F, 4, 2),  # levels that make reports, m
    (0x40, 0x41, 3, 2),  # steps of level above and below them, m
    (0x42, 0x42, 6, 3),
    (0x43, 0x43, 5, 3),
    (0x44, 0x44, 3, 2),
    (0x45, 0x45, 6, 0),
    (0x46, 0x46, 4, 0),
    (0x47, 0x47, 4, 2),
    (0x48, 0x48, 2, 1),
    (0x49, 0x58, 4, 2),  # levels of intake and outfall 1 to 8, high and low, m
    (0x59, 0x68, 8, 2),  # their pressures, kPa
    (0x69, 0x6A, 3, 1),
    (0x6B, 0x6C, 2, 1),
    (0x6D, 0x70, 4, 1),
    (0x71, 0x72, 5, 0),
    (0x73, 0x74, 5, 1),
    (0x75, 0x76, 3, 0),
    (0x77, 0x78, 6, 2),
    (0x79, 0x7A, 5, 2),
    (0x7B, 0x7C, 7, 4),
    (0x7D, 0x7E, 6, 4),
    (0x7F, 0x80, 5, 2),
    (0x81, 0x88, 7, 5),
    (0x89, 0x8C, 4, 2),
    (0x8D, 0x96, 11, 3),
    (0x99, 0xA8, 11, 3),
)

RUNNING: Final = MappingProxyType(
    {f"{code:02X}": (digits, decimals) for first, last, digits, decimals in _SPANS for code in range(first, last + 1)}
)
"""Digits and decimals by guide."""


def write_number(value: float, digits: int, decimals: int) -> tuple[int, bytes]:
    """Definition byte and BCD of N(`digits`, `decimals`); a sign is a byte FF before them (6.6.3.3 a).

    Raises:
        ProtocolError: bad_value, more digits than there are.
    """
    whole = round(abs(value) * 10**decimals)
    size = -(-digits // 2)
    if whole >= 10 ** (2 * size):
        raise ProtocolError(
            "bad_value",
            f"{value:g}: expected at most {digits} digits, {decimals} of them decimals (SL 651-2014, table D.4)",
        )
    data = b"\xff" * (value < 0) + bytes.fromhex(f"{whole:0{2 * size}d}")
    return len(data) << 3 | decimals, data
