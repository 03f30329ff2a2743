"""A seeded district: all devices of a scenario on one clock; the same seed gives the same messages."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from simulators.camera import CameraSimulator
from simulators.finding import FindingSimulator
from simulators.message import DeviceSimulator, Outgoing
from simulators.scenario import DeviceOf, Happening, Scenario, devices_of
from simulators.station import StationSimulator
from simulators.vehicle import VehicleSimulator

_Form = Callable[[str, DeviceOf, Sequence[Happening], int], DeviceSimulator]

_FORMS: Final[dict[str, _Form]] = {
    "water": StationSimulator,
    "air": StationSimulator,
    "source": StationSimulator,
    "vehicle": VehicleSimulator,
    "camera": CameraSimulator,
}


@dataclass(frozen=True, slots=True)
class Due:
    """A device's messages, `elapsed` seconds of scenario time after the start."""

    elapsed: float
    messages: list[Outgoing]


def run_district(scenario: Scenario, *, seed: int, start: int) -> Iterator[Due]:
    """Everything the district publishes, in order of time, without end; `start` is the epoch ms of the beginning."""
    queue: list[tuple[float, int]] = []
    members: list[tuple[DeviceOf, list[DeviceSimulator]]] = []
    published = [device for device in devices_of(scenario) if device.fleet.speech is None]
    for place, device in enumerate(published):
        topic = f"hub/{scenario.department}/{device.fleet.kind}/{device.name}"
        happenings = [item for item in scenario.happenings if item.device == device.name]
        form = _FORMS[device.fleet.kind](topic, device, happenings, seed)
        members.append((device, [FindingSimulator(topic, happenings), form]))
        # Devices of a fleet are spread over its period, as real ones are.
        heapq.heappush(queue, (device.fleet.period * ((place * 0.618) % 1), place))
    while queue:
        elapsed, place = heapq.heappop(queue)
        device, simulators = members[place]
        moment = start + round(elapsed * 1000)
        yield Due(elapsed, [message for item in simulators for message in item.messages(moment, elapsed)])
        heapq.heappush(queue, (elapsed + device.fleet.period, place))
