"""Times as terminals write them: BCD[6] YYMMDDhhmmss in GMT+8 (JT/T 808-2013, 4.2), or in the zone that the register gives."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from ingest.field.session import ProtocolError

CHINA: Final = timezone(timedelta(hours=8))

_UNSET: Final = bytes(6)
_HOUR: Final = 3_600_000
_BCD: Final = tuple((byte >> 4) * 10 + (byte & 15) if byte >> 4 < 10 and byte & 15 < 10 else -1 for byte in range(256))


def to_epoch(raw: bytes, zone: str | None = None) -> int | None:
    """Epoch ms of six bytes; None where the terminal has no time yet (all zero).

    Raises:
        ProtocolError: bad_value, no such time.
    """
    if raw == _UNSET:
        return None
    hour, minute, second = _BCD[raw[3]], _BCD[raw[4]], _BCD[raw[5]]
    midnight = _midnight(raw[:3])
    if midnight is None or not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise ProtocolError("bad_value", f"time {raw.hex()}: expected YYMMDDhhmmss (4.2)")
    utc = midnight + hour * _HOUR + minute * 60_000 + second * 1000
    if zone is None or zone == "Asia/Shanghai":
        return utc - 8 * _HOUR
    return utc - _offset(zone, utc // _HOUR)


def from_epoch(moment: int, zone: tzinfo = CHINA) -> bytes:
    """The six bytes of a moment (epoch ms), whole seconds."""
    return bytes.fromhex(f"{datetime.fromtimestamp(moment // 1000, zone):%y%m%d%H%M%S}")


@lru_cache(maxsize=64)
def _midnight(raw: bytes) -> int | None:
    try:
        day = datetime(2000 + _BCD[raw[0]], _BCD[raw[1]], _BCD[raw[2]], tzinfo=UTC)
    except ValueError:
        return None
    return int(day.timestamp()) * 1000 if _BCD[raw[0]] >= 0 else None


@lru_cache(maxsize=1024)
def _offset(zone: str, hour: int) -> int:
    """How far the zone is ahead of UTC at its local hour, in ms; GMT+8 where nobody knows the zone."""
    local = datetime.fromtimestamp(hour * 3600, UTC).replace(tzinfo=None)
    try:
        ahead = local.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    except (KeyError, ValueError, OSError):
        ahead = None
    return 8 * _HOUR if ahead is None else int(ahead.total_seconds()) * 1000
