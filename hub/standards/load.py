"""Loads: what passed an outlet or a section, flow times concentration, hour by hour."""

from dataclasses import dataclass

import numpy as np

from hub.batch import Floats, Ints
from hub.standards.columns import Flags, Means, window_of
from hub.units import conversion


@dataclass(frozen=True, slots=True, eq=False)
class Loads:
    """Of each window: mass in kg, volume in m3 and the mean weighted by flow in mg/L, all (w,), NaN where not valid; coverage (w,), 0 to 1."""

    start: Ints
    end: Ints
    mass: Floats
    volume: Floats
    weighted: Floats
    coverage: Floats
    valid: Flags


def loads(
    concentration: Means,
    flow: Means,
    windows: Ints,
    *,
    unit: str = "mg/L",
    flow_unit: str = "m3/s",
    least_coverage: float = 0.75,
) -> Loads:
    """The loads over the edges `windows` (w + 1,) from means over the same hours.

    An hour counts where both means are valid; nothing is filled in, so the mass is of the covered time only. No standard read here says how much of it
    there must be: `least_coverage` is the caller's.

    Raises:
        ValueError: the means are not over the same windows, or a unit that measures something else.
    """
    if not np.array_equal(concentration.start, flow.start) or not np.array_equal(concentration.end, flow.end):
        raise ValueError("concentration and flow: expected means over the same windows")
    both = concentration.valid & flow.valid
    seconds = (flow.end - flow.start) / 1000
    cubic = np.where(both, flow.value, 0.0) * conversion(flow_unit, "m3/s").factor * seconds
    grams = np.where(both, concentration.value, 0.0) * conversion(unit, "mg/L").factor * cubic
    window, span = window_of(flow.start, windows), len(windows) - 1
    inside = window >= 0
    mass, volume, covered = (
        np.bincount(window[inside], weights=part[inside], minlength=span)
        for part in (grams / 1000, cubic, np.where(both, seconds, 0.0))
    )
    coverage = covered / (np.diff(windows) / 1000)
    valid = (coverage > 0) & (coverage >= least_coverage)
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted = 1000 * mass / volume
    kept = [np.where(valid, part, np.nan) for part in (mass, volume, weighted)]
    return Loads(windows[:-1], windows[1:], kept[0], kept[1], kept[2], coverage, valid)
