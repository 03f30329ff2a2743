"""The catalogue: the register of devices and the rules in force, as a fold of the changes on the `catalogue` topic."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from hub.derived import property_named
from hub.errors import CorruptRecord
from hub.link import FieldLink
from hub.model import Station, check_property
from hub.properties import Property
from hub.rule import Rule
from hub.standards.permit import PermitLimit


class Datastream(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the register says of one property at one device; None: what the device or the property's own entry says. `limits` are its permit's."""

    period_ms: int | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    name_zh: str = ""
    name_en: str = ""
    limits: tuple[PermitLimit, ...] = ()


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """One registered device. `station` is `department/kind/device`; lon/lat WGS-84 degrees; `secret_hash` as hub.secret makes it.

    `period_ms` is how often it promises to send, `lateness_ms` how much out of order is normal, `zone` the IANA zone of times that come without offset,
    `auto_properties` whether unknown property names are taken, `gateway` whether it may publish for every device of its department,
    `link` how it speaks a field protocol, `water_body` what GB 3838 judges phosphorus and nitrogen by, `target_class` the class a section is to keep.
    `section` is the stretch of river or the street it stands at, `parent` the station of the gateway that its messages come through: what goes wrong at one
    place, or behind one gateway, is one incident.
    """

    station: str
    name_zh: str = ""
    name_en: str = ""
    lon: float | None = None
    lat: float | None = None
    period_ms: int | None = None
    lateness_ms: int = 0
    zone: str | None = None
    auto_properties: bool = False
    gateway: bool = False
    enabled: bool = True
    secret_hash: str = ""
    link: FieldLink | None = None
    datastreams: dict[str, Datastream] = {}
    water_body: Literal["river", "lake"] | None = None
    target_class: Literal["I", "II", "III", "IV", "V"] | None = None
    section: str = ""
    parent: str = ""

    def __post_init__(self) -> None:
        Station.parse(self.station)
        if self.parent:
            Station.parse(self.parent)
        for name in self.datastreams:
            check_property(name)


class DevicePut(msgspec.Struct, frozen=True, tag="device"):
    """A device was registered or changed."""

    device: Device


class DeviceRemoved(msgspec.Struct, frozen=True, tag="device-removed"):
    """A device left the register."""

    station: str


class RulePut(msgspec.Struct, frozen=True, tag="rule"):
    """A rule came into force in a new version."""

    rule: Rule


class RuleRemoved(msgspec.Struct, frozen=True, tag="rule-removed"):
    """A rule is no longer in force."""

    rule: str


Change = DevicePut | DeviceRemoved | RulePut | RuleRemoved

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Change)


def encode_change(change: Change) -> bytes:
    """The bytes of one bus message."""
    return _encoder.encode(change)


def decode_change(value: bytes) -> Change:
    """The change in one bus message.

    Raises:
        CorruptRecord: not a change.
    """
    try:
        change: Change = _decoder.decode(value)
    except (msgspec.DecodeError, ValueError) as error:
        raise CorruptRecord(f"not a catalogue change: {error}") from error
    return change


def key_of(change: Change) -> str:
    """What the change is about; later changes with the same key replace earlier ones."""
    match change:
        case DevicePut(device=device):
            return f"device {device.station}"
        case DeviceRemoved(station=station):
            return f"device {station}"
        case RulePut(rule=rule):
            return f"rule {rule.id}"
        case RuleRemoved(rule=rule_id):
            return f"rule {rule_id}"


class Catalogue:
    """The register and the rules at `version` = how many changes were applied; each owner has its own."""

    def __init__(self) -> None:
        self.version = 0
        self.devices: dict[str, Device] = {}
        self.rules: dict[str, Rule] = {}

    def apply(self, change: Change) -> None:
        """Take the next change."""
        self.version += 1
        match change:
            case DevicePut(device=device):
                self.devices[device.station] = device
            case DeviceRemoved(station=station):
                self.devices.pop(station, None)
            case RulePut(rule=rule):
                self.rules[rule.id] = rule
            case RuleRemoved(rule=rule_id):
                self.rules.pop(rule_id, None)

    def apply_all(self, changes: Iterable[Change]) -> None:
        """Take several changes in order."""
        for change in changes:
            self.apply(change)

    def property_of(self, station: str, name: str) -> Property:
        """The property as it holds at this device: its own entry with what the register changes."""
        entry = property_named(name) or Property(name, name, name, "")
        device = self.devices.get(station)
        stream = device.datastreams.get(name) if device else None
        if stream is None:
            return entry
        return Property(
            name,
            stream.name_zh or entry.zh,
            stream.name_en or entry.en,
            entry.unit if stream.unit is None else stream.unit,
            entry.low if stream.low is None else stream.low,
            entry.high if stream.high is None else stream.high,
            entry.hj212,
            entry.sl651,
        )

    def period_of(self, station: str, name: str) -> int | None:
        """The declared period of a datastream in ms, None when nobody declared one."""
        device = self.devices.get(station)
        if device is None:
            return None
        stream = device.datastreams.get(name)
        return stream.period_ms if stream is not None and stream.period_ms is not None else device.period_ms
