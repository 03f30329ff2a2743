"""Times as the standard writes them: `YYYYMMDDhhmmss`, with `zzz` milliseconds in QN and in some devices' DataTime; GMT+8 wherever the site is (6.3.3)."""

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from ingest.field.session import ProtocolError

_ZONE: Final = timezone(timedelta(hours=8))
MINUTE: Final = 60_000
HOUR: Final = 3_600_000
DAY: Final = 86_400_000


def read_time(text: str, name: str = "DataTime") -> int:
    """Epoch ms of 14 or 17 digits.

    Raises:
        ProtocolError: bad_value.
    """
    if len(text) in (14, 17) and text.isascii() and text.isdecimal():
        hours, minutes, seconds = int(text[8:10]), int(text[10:12]), int(text[12:14])
        midnight = _midnight(text[:8])
        if midnight is not None and hours < 24 and minutes < 60 and seconds < 60:
            return midnight + hours * HOUR + minutes * MINUTE + seconds * 1000 + int(text[14:] or 0)
    raise ProtocolError("bad_value", f"{name}={text[:40]}: expected YYYYMMDDhhmmss (6.3.3)")


def write_time(time: int) -> str:
    """14 digits of an epoch time in ms."""
    return datetime.fromtimestamp(time // 1000, _ZONE).strftime("%Y%m%d%H%M%S")


def write_qn(time: int) -> str:
    """17 digits of an epoch time in ms."""
    return f"{write_time(time)}{time % 1000:03d}"


@lru_cache(maxsize=512)
def _midnight(day: str) -> int | None:
    try:
        return int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp()) * 1000 - 8 * HOUR
    except ValueError:
        return None
