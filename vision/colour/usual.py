"""The usual colour of one camera's water: by hour of the day from the days before, else from the hours before."""

from collections.abc import Iterable
from statistics import median
from typing import Final

import msgspec

from vision.colour.lab import Lab

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
DAYS: Final = 7
EACH_HOUR: Final = 20
ENOUGH_DAYS: Final = 10
ENOUGH_TODAY: Final = 15
TODAY_MS: Final = (15 * 60_000, 90 * 60_000)
"""Today's colour is compared with that of a quarter of an hour to one and a half before."""


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """The colour in one minute."""

    time: int
    lab: Lab


class Usual(msgspec.Struct):
    """Samples of the last days, twenty an hour at most, and the minutes of the last hours."""

    days: tuple[Sample, ...] = ()
    recent: tuple[Sample, ...] = ()

    def add(self, time: int, lab: Lab) -> None:
        """Learn the colour of a minute."""
        self.recent = (*(one for one in self.recent if time - one.time <= TODAY_MS[1]), Sample(time, lab))
        if not self.days or time - self.days[-1].time >= HOUR_MS // EACH_HOUR:
            self.days = (*(one for one in self.days if time - one.time <= DAYS * DAY_MS), Sample(time, lab))

    def at(self, time: int) -> Lab | None:
        """The usual colour: the median of the same hour on days before, else of today's; None while neither is known."""
        hour = time // HOUR_MS % 24
        same = [one.lab for one in self.days if one.time // HOUR_MS % 24 == hour and time - one.time >= DAY_MS // 2]
        if len(same) >= ENOUGH_DAYS:
            return middle(same)
        today = [one.lab for one in self.recent if TODAY_MS[0] <= time - one.time <= TODAY_MS[1]]
        return middle(today) if len(today) >= ENOUGH_TODAY else None


def middle(labs: Iterable[Lab]) -> Lab:
    """The median colour, each axis by itself."""
    lightness, red, yellow = zip(*labs, strict=True)
    return median(lightness), median(red), median(yellow)
