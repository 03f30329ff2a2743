"""Calendar positions: the same month, day and time of day a year or a month before; 29 February and the 31st may have none."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from api.times import EARLIEST, LATEST
from storage.zones import segments

Back = Literal["last_year", "last_month"]
BACKS: Final = ("last_year", "last_month")
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are counted from a local epoch


def position_before(time: int, back: Back, zone: ZoneInfo) -> int | None:
    """The same calendar position one year or one month earlier in `zone`, epoch ms; None where there is none.

    There is none of a day that the earlier month lacks, nor of an hour that a change of clocks skipped.
    """
    moment = datetime.fromtimestamp(time / 1000, UTC).astimezone(zone)
    year, month = _month_back(moment, back)
    try:
        earlier = moment.replace(year=year, month=month)
    except ValueError:
        return None
    found = round(earlier.timestamp() * 1000)
    there = datetime.fromtimestamp(found / 1000, UTC).astimezone(zone).replace(tzinfo=None)
    return found if there == earlier.replace(tzinfo=None) and EARLIEST <= found <= LATEST else None


def range_before(start: int, end: int, back: Back, zone: ZoneInfo) -> tuple[int, int]:
    """The range [start, end) one year or month earlier; an end that does not exist then is the first instant after it."""
    return _near(start, back, zone), _near(end, back, zone)


def _near(time: int, back: Back, zone: ZoneInfo) -> int:
    found = position_before(time, back, zone)
    if found is not None:
        return found
    moment = datetime.fromtimestamp(time / 1000, UTC).astimezone(zone).replace(tzinfo=None)
    year, month = _month_back(moment, back)
    if year < 1:
        return EARLIEST
    try:
        local = moment.replace(year=year, month=month)
    except ValueError:  # no such day: what comes after it is the month after
        local = (moment.replace(year=year, month=month, day=28) + timedelta(days=4)).replace(day=1, hour=0, minute=0)
        local = local.replace(second=0, microsecond=0)
    counted = (local - _EPOCH) // timedelta(milliseconds=1)
    instant = segments(zone.key, counted, counted).first_instant(np.array([counted], np.int64))
    return min(max(int(instant[0]), EARLIEST), LATEST)


def _month_back(moment: datetime, back: Back) -> tuple[int, int]:
    if back == "last_year":
        return moment.year - 1, moment.month
    return (moment.year, moment.month - 1) if moment.month > 1 else (moment.year - 1, 12)
