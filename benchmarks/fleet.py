"""The stations that the bench plays and the rules that judge them: 500 stations, 8 values a message."""

import random
from dataclasses import dataclass
from typing import Final

from hub.catalogue import Device
from hub.rule import Rule, Selector

STATIONS: Final = 500
DEPARTMENT: Final = "bench"
PERIOD_MS: Final = 5_000
VARIANTS: Final = 32
"""How many different readings a station has before they come again."""

ALARM_PH: Final = 9.5
PH_LIMIT: Final = 9.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value of a message: where it begins, how far it wanders at a step, its decimals, and a limit it never reaches."""

    name: str
    start: float
    step: float
    decimals: int
    limit: float


QUANTITIES: Final = (
    Quantity("ph", 7.2, 0.01, 2, PH_LIMIT),
    Quantity("do", 6.2, 0.02, 2, 20),
    Quantity("turbidity", 12.1, 0.3, 1, 1000),
    Quantity("conductivity", 512, 1, 0, 5000),
    Quantity("nh3_n", 0.31, 0.01, 2, 20),
    Quantity("cod_mn", 3.2, 0.05, 1, 50),
    Quantity("tp", 0.08, 0.002, 3, 5),
    Quantity("tn", 1.1, 0.02, 2, 30),
)
VALUES: Final = len(QUANTITIES)


def device_name(number: int) -> str:
    """The device of station `number`."""
    return f"w{number:04d}"


def station_name(number: int) -> str:
    """Station `number` as `department/kind/device`."""
    return f"{DEPARTMENT}/water/{device_name(number)}"


def devices() -> list[Device]:
    """The register's entries."""
    return [Device(station_name(number), period_ms=PERIOD_MS) for number in range(STATIONS)]


def four_rules() -> tuple[Rule, ...]:
    """Four rules on each datastream: two levels up and one down each, with delays and a deadband; they judge and stay silent."""
    return tuple(_duration_rule(each, number) for each in QUANTITIES for number in range(4))


def one_rule() -> tuple[Rule, ...]:
    """One duration rule on each of the 8 values."""
    return tuple(_duration_rule(each, 0) for each in QUANTITIES)


def alarm_rule() -> Rule:
    """Fires at once on the pH that an alarm message carries."""
    return Rule(
        "bench-alarm", 1, "level", (Selector(DEPARTMENT),), name_en="pH high", property="ph", above={3: PH_LIMIT}
    )


def _duration_rule(quantity: Quantity, number: int) -> Rule:
    limit = quantity.limit * (1 + number / 10)
    return Rule(
        f"bench-{quantity.name}-{number}",
        1,
        "level",
        (Selector(DEPARTMENT),),
        property=quantity.name,
        above={3: limit, 2: limit * 2},
        below={4: -limit},
        deadband=limit / 100,
        on_delay=30_000,
        off_delay=30_000,
    )


def readings(station: int) -> list[bytes]:
    """The `values` of a station's messages as JSON text, `VARIANTS` of them, wandering; then one with an alarm in it."""
    chance = random.Random(station)
    now = [each.start for each in QUANTITIES]
    found = []
    for _ in range(VARIANTS):
        for place, each in enumerate(QUANTITIES):
            moved = now[place] + chance.uniform(-each.step, each.step)
            now[place] = min(max(moved, each.start / 2), each.start * 1.15)
        found.append(_as_json(now))
    return [*found, _as_json([ALARM_PH, *now[1:]])]


def _as_json(values: list[float]) -> bytes:
    pairs = zip(QUANTITIES, values, strict=True)
    return ("{" + ",".join(f'"{each.name}":{value:.{each.decimals}f}' for each, value in pairs) + "}").encode()
