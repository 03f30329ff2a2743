"""Fewer positions that still show where the vehicle was at each time: stops, alarms and the highest speeds stay.

A position is left out when the vehicle, moving evenly between its kept neighbours, would have been there at that time to within the tolerance (the
time-ratio form of Douglas and Peucker's method, Meratnia and de By 2004): a playback of what is kept is true in place and in time.
"""

import numpy as np
from numpy.typing import NDArray

from api.vehicles.course import Course
from hub.batch import Ints

Mask = NDArray[np.bool_]


def thin_to_width(course: Course, width: int, kept: Mask) -> Mask:
    """What a drawing `width` pixels wide needs: true to one pixel; of each column of time the highest speed."""
    path = course.path
    if len(path) < 3:
        return np.ones(len(path), np.bool_)
    span = int(path.time[-1] - path.time[0])
    step = max(1, -(-span // width))
    fixed = _fixed(course, kept) | _peaks(course, (path.time - path.time[0]) // step)
    east, north = path.flat()
    tolerance = max(float(np.ptp(east)), float(np.ptp(north))) / width
    return _thinned(np.stack([east, north]), path.time, fixed, tolerance)


def thin_to_step(course: Course, step_ms: int, kept: Mask) -> Mask:
    """The first position and the one with the highest speed of every `step_ms`."""
    column = course.path.time // step_ms
    first = np.append(True, column[1:] != column[:-1]) if len(column) else np.empty(0, np.bool_)
    return _fixed(course, kept) | _peaks(course, column) | first


def _fixed(course: Course, kept: Mask) -> Mask:
    """What may not be left out: ends of parts and stops, the highest speed, and `kept`."""
    found = kept.copy()
    if not len(found):
        return found
    found[[0, -1]] = True
    found[course.gaps] = found[course.gaps + 1] = True
    for stop in course.stops:
        found[[stop.first, stop.last]] = True
    if course.fastest is not None:
        found[course.fastest] = True
    return found


def _peaks(course: Course, column: Ints) -> Mask:
    """The first of the highest speeds in each column; none where nothing moved."""
    speed = np.nan_to_num(course.path.speed, nan=0.0)
    found = np.zeros(len(speed), np.bool_)
    if not len(speed):
        return found
    begin = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
    highest = np.repeat(np.maximum.reduceat(speed, begin), np.diff(np.append(begin, len(speed))))
    hits = np.flatnonzero((speed == highest) & (speed > 0))
    found[hits[np.unique(column[hits], return_index=True)[1]]] = True
    return found


def _thinned(place: NDArray[np.float64], time: Ints, fixed: Mask, tolerance: float) -> Mask:
    found = fixed.copy()
    ends = np.flatnonzero(fixed)
    todo = list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        inside = slice(first + 1, last)
        share = (time[inside] - time[first]) / (time[last] - time[first])
        off = place[:, inside] - place[:, first, None] - (place[:, last] - place[:, first])[:, None] * share
        error = np.hypot(off[0], off[1])
        worst = int(np.argmax(error))
        if error[worst] > tolerance:
            middle = first + 1 + worst
            found[middle] = True
            todo += [(first, middle), (middle, last)]
    return found
