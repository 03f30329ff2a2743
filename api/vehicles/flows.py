"""How many vehicles were in an area, came and went, window by window."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from api.context import History
from api.vehicles.area import Area
from api.vehicles.course import gap_of
from api.vehicles.path import Path, path_of
from api.vehicles.reading import check_size, select_of
from hub.catalogue import Device
from storage.series import Every, Select
from storage.windows import starts

MOST_POSITIONS: Final = 10_000_000
"""Positions of all vehicles together that one question may read, one vehicle after the other."""


@dataclass(slots=True)
class Flow:
    """One window: vehicles seen anywhere, seen inside, how often one came and went, and for how long they were inside."""

    seen: int = 0
    inside: int = 0
    entered: int = 0
    left: int = 0
    seconds: float = 0.0


def flows(
    parts: History, devices: list[Device], select: Select, span: tuple[int, int], area: Area, every: Every, zone: str
) -> dict[int, Flow]:
    """The flow of every window in which a vehicle was heard, by the window's start.

    Raises:
        Problem: `invalid-parameter` for more positions than one question may read.
    """
    check_size(parts, select, span, MOST_POSITIONS)
    found: dict[int, Flow] = defaultdict(Flow)
    for device in devices:
        values = parts.series.scan(select_of(device.station, ("lon", "lat")), *span)
        path, _ = path_of({one.series.property: one for one in values})
        if len(path):
            _add(found, path, gap_of(device.period_ms), area, starts(path.time, every, zone).tolist())
    return dict(sorted(found.items()))


def _add(found: dict[int, Flow], path: Path, gap_ms: int, area: Area, window: list[int]) -> None:
    inside = area.holds(path.lon, path.lat)
    for start in set(window):
        found[start].seen += 1
    for start in {window[place] for place in np.flatnonzero(inside).tolist()}:
        found[start].inside += 1
    wait = np.diff(path.time)
    heard = wait <= gap_ms
    # Who turns up inside after a gap came unseen: that is no crossing anybody observed.
    for place in np.flatnonzero(heard & ~inside[:-1] & inside[1:]).tolist():
        found[window[place + 1]].entered += 1
    for place in np.flatnonzero(heard & inside[:-1] & ~inside[1:]).tolist():
        found[window[place + 1]].left += 1
    stayed = heard & inside[:-1] & inside[1:]
    for place in np.flatnonzero(stayed).tolist():
        found[window[place]].seconds += float(wait[place]) / 1000
