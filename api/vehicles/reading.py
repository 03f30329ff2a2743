"""A vehicle's path out of the series store, within what one question may read."""

from typing import Final

import numpy as np

from api.context import History
from api.problem import invalid
from api.vehicles.path import NAMES, LeftOut, Path, path_of
from hub.clock import rfc3339
from storage.series import Every, Select
from storage.zones import zone_of

MOST_POSITIONS: Final = 1_000_000
"""Positions that one question may read: a year of one every 30 s, three weeks of one every 2 s."""

_DAY: Final = Every(1, "d")


def select_of(station: str, names: tuple[str, ...] = NAMES) -> Select:
    """These properties of one station."""
    department, kind, device = station.split("/", 2)
    return Select(department, kind, device, names)


def read_path(parts: History, station: str, span: tuple[int, int]) -> tuple[Path, LeftOut]:
    """The path of `station` in [start, end).

    Raises:
        Problem: `invalid-parameter` where it has more positions than one question may read; says up to when it may.
    """
    check_size(parts, select_of(station, ("lon",)), span)
    found = {one.series.property: one for one in parts.series.scan(select_of(station), *span)}
    return path_of(found)


def check_size(parts: History, select: Select, span: tuple[int, int], most: int = MOST_POSITIONS) -> None:
    """Whether the selected series, one property of each vehicle, may be read whole.

    Raises:
        Problem: `invalid-parameter`.
    """
    days: dict[int, int] = {}
    for one in parts.series.windows(select, *span, _DAY, ("count_all",), parts.zone):
        for start, count in zip(one.start.tolist(), one.columns["count_all"].tolist(), strict=True):
            days[start] = days.get(start, 0) + int(count)
    total = np.cumsum([days[day] for day in sorted(days)])
    if not len(total) or total[-1] <= most:
        return
    last = sorted(days)[int(np.searchsorted(total, most, side="right"))]
    until = rfc3339(max(last, span[0]), zone_of(parts.zone))
    raise invalid("to", f"{until} or earlier, so that at most {most} positions are read; these are {int(total[-1])}")
