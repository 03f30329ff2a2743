"""Times as stations write them: YYMMDDHHmm(SS), Beijing time unless the register gives the station another zone (SL 651-2014, 6.6.2.5)."""

from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from ingest.field.session import ProtocolError

CHINA: Final = "Asia/Shanghai"
_MINUTE: Final = 60_000


def to_epoch(digits: str, zone: str | None = None) -> int:
    """Epoch ms of 10 or 12 digits.

    Raises:
        ProtocolError: bad_value, no such time.
    """
    minute, second = int(digits[8:10]), int(digits[10:12] or "0")
    if minute > 59 or second > 59:
        raise _no_time(digits)
    return _hour(digits[:8], zone or CHINA) + minute * _MINUTE + second * 1000


def from_epoch(moment: int, zone: str | None = None) -> str:
    """The 12 digits of a moment (epoch ms), whole seconds; in Beijing time where the zone is none."""
    return f"{datetime.fromtimestamp(moment // 1000, _zone(zone or CHINA) or _zone(CHINA)):%y%m%d%H%M%S}"


@lru_cache(maxsize=4096)
def _hour(digits: str, zone: str) -> int:
    if (place := _zone(zone)) is None:
        raise ProtocolError("bad_value", f"time {digits}: the register's zone {zone!r} is not known")
    try:
        hour = datetime(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6:8]), tzinfo=place)
    except ValueError:
        raise _no_time(digits) from None
    return int(hour.timestamp()) * 1000


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _no_time(digits: str) -> ProtocolError:
    return ProtocolError(
        "bad_value", f"time {digits}: no such date or time, expected YYMMDDHHmm (SL 651-2014, 6.6.2.5)"
    )
