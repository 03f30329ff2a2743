"""One vehicle's track: its path as drawn or as recorded, with stops, gaps and alarms on it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from alerts.queries import AlertFilter, list_alerts
from alerts.views import AlertView
from api.context import History
from api.problem import invalid
from api.vehicles.course import Course, course_of, gap_of
from api.vehicles.path import LeftOut, Path
from api.vehicles.reading import read_path
from api.vehicles.thin import Mask, thin_to_step, thin_to_width
from hub.catalogue import Device

MOST_ROWS: Final = 50_000
"""Positions that one answer in JSON, GeoJSON or GPX may hold."""

MOST_ALARMS: Final = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked: the range (epoch ms), and how much of it: for so many pixels, one position every `step_ms`, or all."""

    start: int
    end: int
    width: int | None = None
    step_ms: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A course, which of its positions are shown, what was left out before, and the alarms that began on it, oldest first."""

    device: Device
    wanted: Wanted
    course: Course
    shown: Mask
    left_out: LeftOut
    alarms: tuple[AlertView, ...]

    def place_of(self, alarm: AlertView) -> int | None:
        """Which position the vehicle was at when the alarm began; None in a gap."""
        return self.course.path.nearest(alarm.breach_start, self.course.gap_ms)

    def parts(self) -> list[Path]:
        """What is shown, one path for each unbroken part."""
        shown, part = self.course.path.take(self.shown), self.course.part[self.shown]
        edges = np.flatnonzero(np.diff(part)) + 1
        pieces = np.split(np.arange(len(shown)), edges)
        return [shown.take(piece) for piece in pieces if len(piece)]


def track_of(parts: History, device: Device, wanted: Wanted, *, whole: bool) -> Track:
    """The track of `device`; `whole` for files, which may hold every position.

    Raises:
        Problem: `invalid-parameter` for more positions than may be read, or shown.
    """
    path, left_out = read_path(parts, device.station, (wanted.start, wanted.end))
    course = course_of(path, gap_of(device.period_ms))
    alarms = _alarms(parts, device.station, wanted)
    shown = _shown(course, wanted, [alarm.breach_start for alarm in alarms])
    if not whole and (count := int(shown.sum())) > MOST_ROWS:
        minutes = -(-3 * (wanted.end - wanted.start) // (MOST_ROWS * 60_000))
        expected = f"a shorter period, step={minutes}m or more, or a file by format=csv or format=parquet"
        raise invalid("step", f"{expected}: {count} positions would be given, {MOST_ROWS} are the most in this form")
    return Track(device, wanted, course, shown, left_out, alarms)


def _shown(course: Course, wanted: Wanted, moments: list[int]) -> Mask:
    kept = np.zeros(len(course.path), np.bool_)
    for moment in moments:
        place = course.path.nearest(moment, course.gap_ms)
        if place is not None:
            kept[place] = True
    if wanted.width is not None:
        return thin_to_width(course, wanted.width, kept)
    if wanted.step_ms is not None:
        return thin_to_step(course, wanted.step_ms, kept)
    return np.ones(len(course.path), np.bool_)


def _alarms(parts: History, station: str, wanted: Wanted) -> tuple[AlertView, ...]:
    """The newest alarms of the range, oldest first."""
    department, kind, device = station.split("/", 2)
    asked = AlertFilter(
        department=department, kind=kind, device=device, from_=wanted.start, to=wanted.end, unfired=False
    )
    with parts.records.read() as tx:
        found = list_alerts(tx, asked, limit=MOST_ALARMS).items
    return tuple(sorted(found, key=lambda alarm: alarm.breach_start))
