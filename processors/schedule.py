"""When a rule is in force: ISO weekdays and minutes of the day in the site's zone."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from hub.batch import Ints
from hub.rule import Schedule
from processors.columns import Flags

_MINUTE: Final = 60_000
_DAY: Final = 24 * 60
_QUARTER: Final = 15 * _MINUTE
"""Offsets of every zone in use change only on quarters of an hour."""

_EPOCH_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; Monday counts as 0."""


class LocalTime:
    """Epoch ms to the site's weekday and minute of the day, the zone's offset looked up once a quarter of an hour."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, int] = {}

    def minutes(self, time: Ints) -> Ints:
        """Local minutes since the epoch's Monday-counted days began, rounded down."""
        quarters, inverse = np.unique(time // _QUARTER, return_inverse=True)
        offsets = np.array([self._offset(int(quarter)) for quarter in quarters], np.int64)
        minutes: Ints = (time + offsets[inverse]) // _MINUTE
        return minutes

    def _offset(self, quarter: int) -> int:
        offset = self._offsets.get(quarter)
        if offset is None:
            shift = datetime.fromtimestamp(quarter * _QUARTER // 1000, UTC).astimezone(self._zone).utcoffset()
            offset = self._offsets[quarter] = 0 if shift is None else int(shift.total_seconds()) * 1000
            if len(self._offsets) > 4096:
                self._offsets.pop(next(iter(self._offsets)))
        return offset


def in_force(schedule: Schedule, minutes: Ints) -> Flags:
    """Whether the schedule covers each local minute; a window over midnight belongs to the day it begins on."""
    weekday = (minutes // _DAY + _EPOCH_WEEKDAY) % 7
    minute = minutes % _DAY
    today = np.isin(weekday + 1, schedule.days)
    if schedule.from_minute < schedule.to_minute:
        inside: Flags = today & (minute >= schedule.from_minute) & (minute < schedule.to_minute)
        return inside
    yesterday = np.isin((weekday - 1) % 7 + 1, schedule.days)
    over: Flags = (today & (minute >= schedule.from_minute)) | (yesterday & (minute < schedule.to_minute))
    return over
