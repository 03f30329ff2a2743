"""What a decoder is: the bytes of one message in, readings and findings out, or a reason why not.

A decoder is pure: time, the register's entry and the payload come in by the door. A whole message that cannot be taken
raises `Refused`; where only a part cannot, the good part is in `Taken` and the rest is named in `Taken.refusals`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from hub.catalogue import Catalogue, Device
from hub.derived import property_named
from hub.errors import Refused
from hub.event import DeviceEvent
from hub.model import check_property

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bad_json": "the payload is not JSON, or not of the shape the message has",
        "bad_value": "a value is not a number, is outside what can exist, or a word is not one of those expected",
        "bad_time": "the time is not RFC 3339 or integer epoch milliseconds, or lies before the year 2000",
        "future_time": "the time lies further in the future than ingest.future_ms allows",
        "no_offset": "the time has no offset and the register gives the device no zone",
        "unknown_device": "the register has no such device; register it and retry",
        "unknown_property": "the catalogue has no such property; register it at the device and retry",
        "bad_topic": "the topic is not hub/DEPARTMENT/KIND/DEVICE/MESSAGE, or the message does not go with the kind",
        "bad_unit": "the unit cannot become the property's unit",
        "too_large": "the payload, or the number of properties in it, is over the limit",
        "not_allowed": "the sender may not publish this topic, or the device is disabled in the register",
        "bad_picture": "the payload is neither a whole JPEG nor a whole PNG of a sensible size",
        "unsupported": "the message asks for a version or feature that the hub does not have",
    }
)
"""Stable reasons of refusal and what each means; dead letters, counters and the API use these words."""

_SHOWN_REFUSALS: Final = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came. Times are epoch ms: `received` when it first came, `horizon` the latest time it may
    carry.

    `rest` are the topic levels after the message word, `properties` the MQTT 5 user properties, `retained` whether the
    broker had kept it.
    """

    payload: bytes
    received: int
    horizon: int
    rest: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One row: p values (NaN: not measured) at one time, a quality code for each or None for none, check bits that hold
    for all.
    """

    time: int
    names: tuple[str, ...]
    values: tuple[float, ...]
    quality: tuple[int, ...] | None = None
    checks: int = 0
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame whose header was checked; `time` epoch ms, size in pixels, `media` its MIME type."""

    time: int
    media: str
    width: int
    height: int
    time_assumed: bool


@dataclass(slots=True)
class Taken:
    """What one message became, and what of it could not be taken."""

    readings: list[Reading] = field(default_factory=list)
    events: list[DeviceEvent] = field(default_factory=list)
    picture: Picture | None = None
    refusals: list[Refused] = field(default_factory=list)

    def refuse(self, reason: str, detail: str) -> None:
        """Note that a part cannot be taken."""
        self.refusals.append(Refused(reason, detail))

    def explain(self) -> tuple[str, str]:
        """One reason and one text for all refusals; the reason is that of the first."""
        first = self.refusals[0].reason
        shown = [
            refused.detail if refused.reason == first else f"{refused.reason}: {refused.detail}"
            for refused in self.refusals[:_SHOWN_REFUSALS]
        ]
        if len(self.refusals) > _SHOWN_REFUSALS:
            shown.append(f"and {len(self.refusals) - _SHOWN_REFUSALS} more")
        return first, "; ".join(shown)


class Entry:
    """What a decoder may ask the register about one device."""

    def __init__(self, device: Device, catalogue: Catalogue) -> None:
        self.device = device
        self.station = device.station
        self.kind = device.station.split("/")[1]
        self.zone = device.zone
        self._catalogue = catalogue

    def knows(self, name: str) -> bool:
        """Whether the property may come from this device."""
        if name in self.device.datastreams or property_named(name) is not None:
            return True
        if not self.device.auto_properties:
            return False
        try:
            check_property(name)
        except ValueError:
            return False
        return True

    def unit(self, name: str) -> str | None:
        """The unit in which the property is kept, None where nobody declared one."""
        stream = self.device.datastreams.get(name)
        if property_named(name) is None and (stream is None or stream.unit is None):
            return None
        return self._catalogue.property_of(self.station, name).unit


Decode = Callable[[Arrival, Entry], Taken]


class Codec(Protocol):
    """One module in `ingest/codecs/`: which message it takes, from which kinds (None: all), and how."""

    MESSAGE: str
    KINDS: tuple[str, ...] | None

    @staticmethod
    def decode(arrival: Arrival, entry: Entry) -> Taken:
        """What the message says.

        Raises:
            Refused: nothing of it can be taken.
        """
