"""The register entries that a scenario's devices need, and the gateway they publish through."""

from hub.catalogue import Device
from hub.link import FieldLink
from simulators.scenario import DeviceOf, Scenario, devices_of


def gateway_of(scenario: Scenario, secret_hash: str) -> Device:
    """The one device that may publish for all others of the department."""
    station = f"{scenario.department}/source/simulator"
    return Device(station, "模拟网关", "Simulator gateway", gateway=True, secret_hash=secret_hash)


def register_entries(scenario: Scenario) -> list[Device]:
    """One entry a device: names, place (WGS-84), declared period, and its link where it speaks a field protocol."""
    return [_entry(scenario.department, device) for device in devices_of(scenario)]


def _entry(department: str, device: DeviceOf) -> Device:
    fleet, place = device.fleet, device.number
    lon, lat = fleet.places[place] if place < len(fleet.places) else (None, None)
    return Device(
        f"{department}/{fleet.kind}/{device.name}",
        fleet.names_zh[place] if place < len(fleet.names_zh) else device.name,
        fleet.names_en[place] if place < len(fleet.names_en) else device.name,
        lon,
        lat,
        round(fleet.period * 1000),
        link=_link(device),
    )


def _link(device: DeviceOf) -> FieldLink | None:
    if (speech := device.fleet.speech) is None:
        return None
    return FieldLink(speech.protocol, speech.identities[device.number], speech.password)
