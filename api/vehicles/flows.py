"""How many vehicles were in an area, came and went, window by window."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from api.context import History
from api.vehicles.area import Area
from api.vehicles.course import gap_of
from api.vehicles.path import Path, path_of
from api.vehicles.reading import check_size, select_of
from hub.batch import Ints
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
            _add(found, path, gap_of(device.period_ms), area, starts(path.time, every, zone))
    return dict(sorted(found.items()))


def _add(found: dict[int, Flow], path: Path, gap_ms: int, area: Area, window: Ints) -> None:
    inside = area.holds(path.lon, path.lat)
    wait = np.diff(path.time)
    heard = wait <= gap_ms
    # Who turns up inside after a gap came unseen: that is no crossing anybody observed.
    entered, left = heard & ~inside[:-1] & inside[1:], heard & inside[:-1] & ~inside[1:]
    stayed = np.where(heard & inside[:-1] & inside[1:], wait / 1000, 0.0)
    begins = np.flatnonzero(np.append(True, window[1:] != window[:-1]))

    def counted(each: NDArray[Any]) -> list[Any]:
        sums: list[Any] = np.add.reduceat(each, begins).tolist()
        return sums

    columns = (
        window[begins].tolist(),
        counted(inside.astype(np.int64)),
        counted(np.append(0, entered)),
        counted(np.append(0, left)),
        counted(np.append(stayed, 0.0)),
    )
    for start, times, came, went, seconds in zip(*columns, strict=True):
        flow = found[start]
        flow.seen += 1
        flow.inside += times > 0
        flow.entered += came
        flow.left += went
        flow.seconds += seconds
