"""From a wall clock to the moment: what a roster's hours mean on nights when the clock is changed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerts.people.form import minute_of

_SECOND: Final = timedelta(seconds=1)


def moment(zone: ZoneInfo, wall: datetime) -> int:
    """When a clock in the zone first shows `wall` or later, epoch ms.

    So an hour that a night leaves out begins when the clock jumps, and of an hour that comes twice the first is meant.
    """
    early = _utc(wall.replace(tzinfo=zone, fold=0))
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return _ms(early)
    # The clock jumps over `wall`: the jump lies between what its two offsets make of it.
    low, high = _utc(wall.replace(tzinfo=zone, fold=1)), early
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        low, high = (low, middle) if middle.astimezone(zone).replace(tzinfo=None) >= wall else (middle, high)
    return _ms(high.replace(microsecond=0))


def at(zone: ZoneInfo, day: date, clock: time) -> int:
    """When the clock in the zone shows `clock` on that day, epoch ms."""
    return moment(zone, datetime.combine(day, clock))


def day_of(zone: ZoneInfo, instant: int) -> date:
    """The day in the zone at an instant (epoch ms)."""
    return wall_of(zone, instant).date()


def wall_of(zone: ZoneInfo, instant: int) -> datetime:
    """What a clock in the zone shows at an instant (epoch ms)."""
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(zone).replace(tzinfo=None)


def span_on(zone: ZoneInfo, day: date, begin: time, end: time) -> tuple[int, int]:
    """The hours from `begin` to `end` that start on a day, epoch ms; over midnight where `end` is not after `begin`."""
    last = day if minute_of(end) > minute_of(begin) else day + timedelta(days=1)
    return at(zone, day, begin), at(zone, last, end)


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
