"""A scenario: which devices there are, how their signals run at rest, and what happens to them; one TOML file."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import msgspec

from hub.errors import ConfigError, Fault

BUILT_IN: Final = ("demo", "district", "field")


class Signal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A property at rest: `base` with a daily `swing`, first-order `noise` (one standard deviation), rounded to `digits`, never below `low`."""

    base: float
    swing: float = 0.0
    noise: float = 0.0
    digits: int = 2
    low: float = 0.0


class Speech(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a fleet speaks a field protocol over TCP, and what is wrong with it.

    `identities` are what its frames call the devices, in order. `form` is the system code (hj212: 32), the edition (jt808: 2019) or the coding
    (sl651: hex, ascii). `codes` gives the protocol's code of each signal. `faults` are words of the protocol's simulator; `chunk` bytes a packet
    (0: as they come), `pause` seconds between packets, `flood` heartbeats a second.
    """

    protocol: Literal["hj212", "jt808", "sl651"]
    identities: tuple[str, ...]
    password: str = ""
    form: str = ""
    codes: dict[str, str] = {}
    faults: tuple[str, ...] = ()
    chunk: int = 0
    pause: float = 0.0
    flood: int = 0


class Fleet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` devices of one kind named `prefix`01..; each sends every `period` seconds. Stations carry `signals`; vehicles and cameras move on their own.

    With `speech` they call the hub by a field protocol instead of publishing.
    """

    kind: Literal["water", "air", "source", "vehicle", "camera"]
    prefix: str
    count: int
    period: float
    signals: dict[str, Signal] = {}
    names_zh: tuple[str, ...] = ()
    names_en: tuple[str, ...] = ()
    places: tuple[tuple[float, float], ...] = ()
    speech: Speech | None = None

    def devices(self) -> list[str]:
        """The device names."""
        return [f"{self.prefix}{number:02d}" for number in range(1, self.count + 1)]


class Happening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What truly happens: from `at` for `lasts` seconds, again `every` seconds (0: once).

    `step` and `ramp` take a property `to` a value, a ramp within `rise` seconds (0: half of `lasts`); `silence` stops the device;
    `calibration` flags the property `C`; `alarm` makes a vehicle report `alarm`;
    `finding` makes a device send an event; `debris` lets rubbish drift past a camera.
    """

    device: str
    what: Literal["step", "ramp", "silence", "calibration", "alarm", "finding", "debris"]
    at: float
    lasts: float
    every: float = 0.0
    property: str = ""
    to: float = 0.0
    rise: float = 0.0
    alarm: str = ""
    level: int = 3
    text: str = ""

    def running(self, elapsed: float) -> float | None:
        """Seconds since its start while it runs, else None."""
        since = elapsed - self.at
        if since < 0:
            return None
        if self.every > 0:
            since %= self.every
        return since if since < self.lasts else None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a seeded district needs."""

    name: str
    department: str
    fleets: tuple[Fleet, ...]
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceOf:
    """One device of a scenario: its fleet and its place in it."""

    fleet: Fleet
    name: str
    number: int


def devices_of(scenario: Scenario) -> list[DeviceOf]:
    """Every device, in the order of the file."""
    return [DeviceOf(fleet, name, number) for fleet in scenario.fleets for number, name in enumerate(fleet.devices())]


def load_scenario(name: str) -> Scenario:
    """A scenario by the name of a shipped one or the path of a file.

    Raises:
        ConfigError: no such file, or not a scenario.
    """
    path = Path(name)
    if name in BUILT_IN:
        text = (files("simulators") / "scenarios" / name / "scenario.toml").read_text(encoding="utf-8")
    elif path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        raise ConfigError(
            [Fault(name, 0, "", f"no such file, and none of the shipped scenarios: {', '.join(BUILT_IN)}")]
        )
    try:
        scenario = msgspec.convert(tomllib.loads(text), Scenario)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError([Fault(name, 0, "", str(error))]) from error
    if short := [
        fleet.prefix for fleet in scenario.fleets if fleet.speech and len(fleet.speech.identities) < fleet.count
    ]:
        raise ConfigError([Fault(name, 0, f"fleets {prefix}", "fewer identities than devices") for prefix in short])
    known = {device.name for device in devices_of(scenario)}
    strangers = [item.device for item in scenario.happenings if item.device not in known]
    if strangers:
        raise ConfigError([Fault(name, 0, "happenings", f"no such device: {device}") for device in strangers])
    return scenario
