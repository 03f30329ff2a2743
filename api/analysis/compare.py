"""Two periods beside each other: the same calendar position a year or a month before, or window by window of two given ranges."""

import numpy as np

from api.analysis.calendar import Back, position_before
from api.analysis.series import Answer
from hub.batch import Floats, Ints
from storage.zones import zone_of

ROW = ("time", "value", "other_time", "other", "difference", "percent")


def counterparts(start: Ints, back: Back, zone: str) -> list[int | None]:
    """For each window start the same calendar position earlier, None where that day does not exist."""
    info = zone_of(zone)
    return [position_before(int(time), back, info) for time in start]


def values_at(answer: Answer | None, name: str) -> dict[int, float]:
    """The column's values by window start; windows without a value are left out."""
    if answer is None:
        return {}
    pairs = zip(answer.start.tolist(), answer.columns[name].tolist(), strict=True)
    return {time: value for time, value in pairs if not np.isnan(value)}


def difference(value: float | None, other: float | None) -> tuple[float | None, float | None]:
    """`value` less `other`, and that in per cent of `other`; None where one is missing, no per cent of zero."""
    if value is None or other is None:
        return None, None
    less = value - other
    return less, None if other == 0 else less / abs(other) * 100


def cell(values: Floats, place: int) -> float | None:
    """One value, None for NaN."""
    value = float(values[place])
    return None if np.isnan(value) else value
