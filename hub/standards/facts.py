"""What the register says of a station that decides a limit by name, and with it the limits of a rule at any time."""

from math import inf
from zoneinfo import ZoneInfo

import numpy as np

from hub.batch import Floats, Ints
from hub.catalogue import Catalogue
from hub.derived import property_named
from hub.rule import Rule
from hub.standards.named import Facts, bounds, plain_names


def facts_of(catalogue: Catalogue, station: str, name: str) -> Facts:
    """The facts of a datastream; the limits of a derived one (`cod_hour`) are those of the property it is derived from where it has none itself.

    A station that is not registered has none.
    """
    device = catalogue.devices.get(station)
    if device is None:
        return Facts()
    streams = {one: stream for one in plain_names(name) if (stream := device.datastreams.get(one)) is not None}
    unit = streams[name].unit if name in streams else None
    holder = next((one for one, stream in streams.items() if stream.limits), name)
    limits = streams[holder].limits if holder in streams else ()
    declared = streams[holder].unit if holder in streams else None
    entry = property_named(holder)
    return Facts(
        device.water_body,
        device.target_class,
        limits,
        unit,
        entry.unit if declared is None and entry is not None else declared,
    )


def mildest_limits(rule: Rule, facts: Facts, zone: ZoneInfo, time: Ints) -> tuple[Floats, Floats]:
    """The mildest limits of a level rule at a station, [below, above] at each time (n,): whatever breaks them breaks the rule at some level.

    An infinity where the rule has no limit on that side then; days begin at midnight in `zone`.
    """
    below = np.full(len(time), max(rule.below.values(), default=-inf))
    above = np.full(len(time), min(rule.above.values(), default=inf))
    for name in rule.limits.values():
        found = bounds(name, rule.property, facts, zone)
        place = np.searchsorted(np.array(found.since), time, side="right") - 1
        below = np.maximum(below, np.array(found.below)[place])
        above = np.minimum(above, np.array(found.above)[place])
    return below, above
