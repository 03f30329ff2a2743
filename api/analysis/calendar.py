"""Calendar positions: the same month, day and time of day a year or a month before; 29 February and the 31st may have none."""

from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from api.times import EARLIEST, LATEST

Back = Literal["last_year", "last_month"]
BACKS: Final = ("last_year", "last_month")


def position_before(time: int, back: Back, zone: ZoneInfo) -> int | None:
    """The same calendar position one year or one month earlier in `zone`, epoch ms; None where that day does not exist."""
    moment = datetime.fromtimestamp(time / 1000, UTC).astimezone(zone)
    year, month = (moment.year - 1, moment.month) if back == "last_year" else _month_before(moment)
    try:
        earlier = moment.replace(year=year, month=month)
    except ValueError:
        return None
    found = round(earlier.timestamp() * 1000)
    return found if EARLIEST <= found <= LATEST else None


def range_before(start: int, end: int, back: Back, zone: ZoneInfo) -> tuple[int, int]:
    """The range [start, end) one year or month earlier; an end that does not exist then is the first instant after it."""
    return _near(start, back, zone), _near(end, back, zone)


def _near(time: int, back: Back, zone: ZoneInfo) -> int:
    found = position_before(time, back, zone)
    days = 0
    while found is None and days < 4:
        days += 1
        found = position_before(min(LATEST, time + days * 86_400_000), back, zone)
    return EARLIEST if found is None else found


def _month_before(moment: datetime) -> tuple[int, int]:
    return (moment.year, moment.month - 1) if moment.month > 1 else (moment.year - 1, 12)
