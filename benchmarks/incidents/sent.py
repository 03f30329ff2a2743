"""Alerts put on a hub's bus as its rules would, each at a station of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from benchmarks.hub_process import Hub
from hub.alert import AlertTransition, Target, alert_id, encode_transition
from hub.bus import Bus, Message
from hub.buses import open_bus
from hub.model import Condition
from hub.topics import ALERTS

DEPARTMENT: Final = "district"


@dataclass(frozen=True, slots=True)
class Sent:
    """One alert: its device, its breach (epoch ms) and when it was put on the bus (epoch s)."""

    device: str
    start: int
    at: float


@contextmanager
def bus_of(hub: Hub) -> Iterator[Bus]:
    """The hub's own bus."""
    with open_bus(hub.plan.bus, hub.data) as bus:
        yield bus


def send(bus: Bus, number: int, *, level: int = 1) -> Sent:
    """Put one alert that has just fired on the bus; it is durable there on return."""
    device, now = f"probe-{number:04}", time.time()
    start = int(now * 1000) - 60_000
    target = Target(DEPARTMENT, "water", device, "nh3_n")
    transition = AlertTransition(
        id=alert_id("bench", target, start),
        n=1,
        rule="bench",
        rule_version=1,
        target=target,
        level=level,
        condition=Condition.ACTIVE,
        at=start + 60_000,
        received=start + 60_000,
        breach_start=start,
        fired=start + 60_000,
        value=2.4,
        limit=2.0,
        unit="mg/L",
    )
    bus.append([Message(ALERTS, target.station().encode(), encode_transition(transition))])
    return Sent(device, start, now)
