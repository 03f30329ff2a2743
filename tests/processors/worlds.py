"""Made-up districts for the rules: devices, rules, readings with gaps, duplicates and disorder, all from one seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from msgspec import structs

from hub.batch import Batch, Block
from hub.catalogue import Catalogue, Change, Datastream, Device, DevicePut, DeviceRemoved, RulePut, RuleRemoved
from hub.rule import Rule, Schedule, Selector
from hub.standards.permit import PermitLimit

T0 = 1_767_225_600_000
MINUTE = 60_000
PROPERTIES = ("ph", "do", "nh3_n")
RuleMaker = Callable[[random.Random, str, int], Rule]
DeviceMaker = Callable[[random.Random, str], Device]


@dataclass(frozen=True)
class Row:
    """One message of a device."""

    station: str
    time: int
    values: dict[str, float]
    quality: dict[str, int]


def a_batch(rows: list[Row], received: int, catalogue: int, sequence: int = 0) -> Batch:
    """A batch as ingest makes it: a block for each set of properties."""
    stations = tuple(dict.fromkeys(row.station for row in rows))
    sets: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        sets.setdefault(tuple(row.values), []).append(row)
    blocks = tuple(
        Block(
            names,
            np.array([stations.index(row.station) for row in of], np.uint32),
            np.array([row.time for row in of], np.int64),
            np.array([[row.values[name] for name in names] for row in of]),
            np.array([[row.quality.get(name, 0) for name in names] for row in of], np.uint8),
        )
        for names, of in sets.items()
    )
    return Batch("test", sequence, received, catalogue, stations, blocks)


def a_rule(chance: random.Random, name: str, version: int = 1) -> Rule:
    """A rule of either kind."""
    if chance.random() < 0.15:
        return Rule(name, version, "silence", periods=chance.choice([1.5, 3, 5]), silence_level=chance.randint(1, 4))
    levels = chance.sample([1, 2, 3, 4], chance.randint(1, 3))
    above = {level: 5.0 + 4 / level for level in levels if chance.random() < 0.7}
    below = {level: 4.0 - 3 / level for level in levels if chance.random() < 0.4 or not above}
    schedule = None
    if chance.random() < 0.25:
        days = tuple(sorted(chance.sample(range(1, 8), chance.randint(2, 7))))
        schedule = Schedule(days, chance.choice([0, 480, 1320]), chance.choice([360, 490, 1440]))
    return Rule(
        name,
        version,
        "level",
        (Selector(device=chance.choice(["*", "w1", "w[23]"])),),
        property=chance.choice(PROPERTIES),
        above=above,
        below=below,
        deadband=chance.choice([0, 0, 0.5]),
        on_delay=chance.choice([0, 0, MINUTE, 3 * MINUTE, 5 * MINUTE]),
        off_delay=chance.choice([0, 0, MINUTE, 4 * MINUTE]),
        accept=chance.choice([("", "N"), ("", "N"), ("N",), ("", "N", "C")]),
        schedule=schedule,
    )


def a_named_rule(chance: random.Random, name: str, version: int = 1) -> Rule:
    """A rule whose limits are a permit's or a class's, beside numbers of its own or not."""
    rule = a_rule(chance, name, version)
    if rule.kind == "silence":
        return rule
    free = sorted({1, 2, 3, 4} - rule.above.keys() - rule.below.keys())
    limits = {level: chance.choice(["permit", "gb3838:III", "gb3838:V", "gb3838:I"]) for level in free[:2]}
    return structs.replace(rule, limits=limits)


def a_permit(chance: random.Random) -> PermitLimit:
    """A permit that changes about the first midnight of the world in the site's zone."""
    first, last = chance.choice([date(2025, 1, 1), date(2026, 1, 1), date(2026, 1, 2)]), None
    if chance.random() < 0.4:
        last = chance.choice([date(2026, 1, 1), date(2026, 1, 2)])
    above = chance.choice([None, 5.0, 7.0])
    below = chance.choice([2.0, 3.5]) if above is None else chance.choice([None, 2.0])
    return PermitLimit(
        f"p{chance.randint(1, 3)}", above, below, valid_from=first, valid_to=None if last and last < first else last
    )


def a_device(chance: random.Random, name: str, lateness: int | None = None) -> Device:
    """A device of the water kind."""
    return Device(
        f"env/water/{name}",
        period_ms=chance.choice([None, MINUTE, MINUTE, 2 * MINUTE]),
        lateness_ms=chance.choice([0, 0, 90_000]) if lateness is None else lateness,
        datastreams={"do": Datastream(low=0, high=9)} if chance.random() < 0.3 else {},
    )


def a_named_device(chance: random.Random, name: str) -> Device:
    """A device with permits, on a river or a lake."""
    device = a_device(chance, name)
    streams = {
        code: Datastream(limits=tuple(a_permit(chance) for _ in range(chance.randint(0, 2)))) for code in PROPERTIES
    }
    return structs.replace(device, datastreams=streams, water_body=chance.choice([None, "river", "lake"]))


def some_rows(chance: random.Random, station: str, count: int, begin: int = T0) -> list[Row]:
    """Readings in order of time, wandering through the limits, with gaps and absent values."""
    time, value, rows = begin + chance.randint(0, MINUTE), 4.5, []
    for _ in range(count):
        time += chance.choice([20_000, MINUTE, MINUTE, MINUTE, 100_000, 150_000, 151_000])
        time += chance.choice([0] * 15 + [10 * MINUTE, 40 * MINUTE])
        value = min(11.0, max(-1.0, value + chance.choice([-2.5, -1, -0.5, 0, 0, 0.5, 1, 2.5])))
        names = chance.sample(PROPERTIES, chance.randint(1, 3))
        values = {name: value + (0.0 if name == "ph" else 0.25) for name in names}
        if chance.random() < 0.05:
            values[names[0]] = float("nan")
        quality = {names[0]: chance.choice([1, 6, 3])} if chance.random() < 0.15 else {}
        rows.append(Row(station, time, values, quality))
    return rows


def changes(
    chance: random.Random, rules: int, rule_of: RuleMaker = a_rule, device_of: DeviceMaker = a_device
) -> list[Change]:
    """What the catalogue may see later: rules in new versions, rules and devices gone and back."""
    found: list[Change] = []
    for number in range(chance.randint(0, 5)):
        name = f"r{chance.randrange(rules)}"
        device = chance.choice(["w1", "w2"])
        choices: list[Change] = [
            RulePut(rule_of(chance, name, number + 2)),
            RulePut(rule_of(chance, name, number + 2)),
            RuleRemoved(name),
            DeviceRemoved(f"env/water/{device}"),
            DevicePut(device_of(chance, device)),
        ]
        found.append(chance.choice(choices))
    return found


def catalogue_of(applied: list[Change]) -> Catalogue:
    """The catalogue after these changes."""
    catalogue = Catalogue()
    catalogue.apply_all(applied)
    return catalogue
