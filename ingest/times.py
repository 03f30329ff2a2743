"""The time a message carries: RFC 3339 with offset, or integer epoch milliseconds."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.clock import parse_rfc3339
from hub.errors import Refused
from ingest.codec import Arrival, Entry
from ingest.document import shown

EARLIEST: Final = 946_684_800_000
"""2000-01-01: what lies before is epoch seconds, or a clock that was never set."""

_RFC3339: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:)(\d\d)(?:\.(\d{1,9}))?(Z|z|[+-]\d\d:\d\d)?", re.ASCII)
_LEAP_SECOND: Final = "60"


def time_of(raw: Any, arrival: Arrival, entry: Entry) -> tuple[int, bool]:
    """The time in epoch ms, and whether it was assumed because the message carries none.

    Raises:
        Refused: bad_time, no_offset or future_time.
    """
    if raw is None:
        if arrival.retained:
            raise Refused("bad_time", "a retained message without ts: when it was true cannot be known")
        return arrival.received, True
    return checked(parse(raw, entry.zone), arrival.horizon), False


def checked(time: int, horizon: int) -> int:
    """The time when it can be one.

    Raises:
        Refused: bad_time or future_time.
    """
    if time < EARLIEST:
        raise Refused("bad_time", f"{time} lies before the year 2000; expected epoch milliseconds, not seconds")
    if time > horizon:
        raise Refused("future_time", f"{time} lies {time - horizon} ms further in the future than is allowed")
    return time


def parse(raw: Any, zone: str | None) -> int:
    """RFC 3339 text or integer epoch ms as epoch ms; text without offset is taken in `zone`.

    Raises:
        Refused: bad_time or no_offset.
    """
    if isinstance(raw, str):
        return _parse_text(raw, zone)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Refused("bad_time", f"ts: expected RFC 3339 or integer epoch milliseconds, got {shown(raw)}")
    return raw


def in_zone(moment: datetime, zone: str | None, image: str) -> datetime:
    """A local time in the zone that the register or a mapping gives.

    Raises:
        Refused: no_offset.
    """
    if zone is None:
        raise Refused("no_offset", f"ts {image!r} has no offset, and the register gives the device no zone")
    try:
        return moment.replace(tzinfo=_zone(zone))
    except (KeyError, ValueError, OSError):
        raise Refused(
            "no_offset", f"ts {image!r} has no offset, and the register's zone {zone!r} is not known"
        ) from None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _parse_text(image: str, zone: str | None) -> int:
    match = _RFC3339.fullmatch(image)
    if match is None:
        raise Refused("bad_time", f"ts {shown(image)}: expected RFC 3339 such as 2026-11-23T10:41:20+08:00")
    day, minute, second, fraction, offset = match.groups()
    leap = second == _LEAP_SECOND  # RFC 3339, 5.6: 23:59:60 exists; epoch time counts it as the next second
    tail = "Z" if offset in ("Z", "z") else offset or ""
    whole = f"{day}T{minute}{'59' if leap else second}{tail}"
    milliseconds = int((fraction or "0").ljust(3, "0")[:3]) + (1000 if leap else 0)
    try:
        if not offset:
            whole = in_zone(datetime.fromisoformat(whole), zone, image).isoformat()
        return parse_rfc3339(whole) + milliseconds
    except (ValueError, OverflowError):
        raise Refused("bad_time", f"ts {shown(image)}: no such date or time") from None
