"""What the data of one element mean: numbers, missing marks and signs of SL 651-2014 (6.6.3.3, annexes C and E)."""

import math
from functools import lru_cache
from typing import Final

from ingest.field.session import ProtocolError
from ingest.protocols.sl651.elements import ElementOf
from ingest.protocols.sl651.text import MISSING

FAULT: Final = "fault"
"""Instead of a value: the station says that it has no lawful one (FF of the 5-minute groups, AA as much firmware writes it)."""

SLOT_MS: Final = 300_000
"""The five minutes between the twelve values of an hour's group."""

_SCALES: Final = tuple(float(10**decimals) for decimals in range(8))
_SECTOR: Final = 22.5
_CLOSED, _NO_HEIGHT, _DRY = 444.0, frozenset((555.0, 888.0, 999.0)), 444.0


@lru_cache(maxsize=8192)
def bcd(data: bytes, decimals: int) -> float | str:
    """The number; NaN where every digit is F (missing), `FAULT` where every digit is A; a leading FF is the sign (6.6.3.3 a).

    Raises:
        ProtocolError: bad_value for digits that are none.
    """
    digits = data.hex()
    if digits.isdecimal():
        return int(digits) / _SCALES[decimals]
    if digits == "f" * len(digits):
        return math.nan
    if digits == "a" * len(digits):
        return FAULT
    if digits.startswith("ff") and digits[2:].isdecimal():
        return -int(digits[2:]) / _SCALES[decimals]
    raise ProtocolError("bad_value", f"{digits}: expected BCD digits, all F where missing (SL 651-2014, 6.6.3.3)")


def written(text: str) -> float | str:
    """The number of an ASCII frame; NaN for M.

    Raises:
        ProtocolError: bad_value.
    """
    if text == MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise ProtocolError(
            "bad_value", f"{text[:20]!r}: expected a decimal number, or M where missing (SL 651-2014, 6.6.2.2)"
        )
    return value


def slots(data: bytes, form: str) -> list[float | str]:
    """The values of groups of 12: single bytes of 0.1 mm (F4) or pairs of 0.01 m (F5 to FC).

    Raises:
        ProtocolError: bad_length.
    """
    size, scale = (1, 10) if form == "rain" else (2, 100)
    if not data or len(data) % (12 * size):
        raise ProtocolError(
            "bad_length", f"{len(data)} bytes: expected groups of 12 values of {size} (SL 651-2014, annex C)"
        )
    empty = (1 << 8 * size) - 1
    raw = [int.from_bytes(data[at : at + size]) for at in range(0, len(data), size)]
    return [FAULT if value == empty else value / scale for value in raw]


def meaning(row: ElementOf, value: float | str) -> float | str:
    """The number in the row's unit where the standard writes words as numbers (annex E).

    Raises:
        ProtocolError: bad_value.
    """
    if isinstance(value, str) or math.isnan(value):
        return value
    match row.form:
        case "sector":
            if not 1 <= value <= 16:
                raise ProtocolError("bad_value", f"wind direction {value:g}: expected 1 to 16 (SL 651-2014, table E.1)")
            return (value - 1) * _SECTOR
        case "duration":
            hours, minutes = divmod(round(value * 100), 100)
            return float(hours * 60 + minutes)
        case "opening":
            return 0.0 if value == _CLOSED else math.nan if value in _NO_HEIGHT else value
        case "depth":
            return math.nan if value == _DRY else value
        case _:
            return value
