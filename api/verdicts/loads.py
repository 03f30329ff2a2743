"""Loads from the store: what passed an outlet or a section, flow times concentration, hour by hour."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from api.context import History
from api.verdicts.columns import hourly_means
from api.verdicts.question import select_of
from hub.batch import Ints
from hub.derived import property_named
from hub.properties import PROPERTIES
from hub.standards.columns import Column, Means
from hub.standards.load import Loads, loads
from hub.standards.validity import plain, source_means
from hub.standards.verdict import day_of
from hub.units import conversion
from storage.series import Every
from storage.windows import edges as edges_of
from storage.zones import zone_of

FLOWS: Final = ("outlet_flow", "flue_gas_flow", "flow")
"""Where nobody names the flow: the first of these that the station has."""

NEEDED: Final = 0.75
"""The share of a window's hours that a load needs where the caller asks for no other; no standard read says how many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: windows by `edges` (w + 1,), `flow` None for the station's own, `properties` empty for every concentration."""

    every: Every
    edges: Ints
    zone: str
    flow: str | None
    properties: tuple[str, ...]
    least_coverage: float


@dataclass(frozen=True, slots=True, eq=False)
class StationLoads:
    """The loads of one property at one station, by the flow named."""

    station: str
    property: str
    flow: str
    loads: Loads


def loads_of(parts: History, station: str, asked: Asked) -> Iterator[StationLoads]:
    """Each property's loads; none where the station has no flow."""
    seen = {one.series.property for one in parts.series.latest(select_of(station, ()))}
    seen |= {name.removesuffix("_hour") for name in seen}
    flow = next((name for name in ((asked.flow,) if asked.flow else FLOWS) if name in seen), None)
    names = [name for name in asked.properties or sorted(seen & PROPERTIES.keys()) if measures(name, "mg/L")]
    if flow is None or not names:
        return
    hours = edges_of(int(asked.edges[0]), int(asked.edges[-1]), Every(1, "h"), asked.zone)
    day = day_of(int(asked.edges[0]), zone_of(asked.zone))
    means = hourly_means(parts, station, (flow, *names), hours, _mean(station, flow, hours, day))
    for name in names:
        if name in means and flow in means:
            found = loads(
                means[name],
                means[flow],
                asked.edges,
                unit=_unit(name),
                flow_unit=_unit(flow),
                least_coverage=asked.least_coverage,
            )
            yield StationLoads(station, name, flow, found)


def _mean(station: str, flow: str, hours: Ints, day: date) -> Callable[[Column], Means]:
    """Hourly means with the validity that HJ 212 annex C asks of outlets and stacks, and of one valid value elsewhere."""
    if station.split("/")[1] != "source":
        return lambda column: plain(column, hours)
    kind: Literal["water", "flue_gas"] = "flue_gas" if flow == "flue_gas_flow" else "water"
    return lambda column: source_means(column, hours, kind, day)


def measures(name: str, unit: str) -> bool:
    """Whether the property is of the quantity that `unit` measures."""
    try:
        conversion(_unit(name), unit)
    except ValueError:
        return False
    return True


def _unit(name: str) -> str:
    entry = property_named(name)
    return "" if entry is None else entry.unit
