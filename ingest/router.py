"""Which device a topic speaks for, and which decoder reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.errors import Refused
from hub.model import Station
from ingest.codec import Decode
from ingest.codecs import codecs
from ingest.document import shown
from ingest.mapping import DeviceMapping

ROOT: Final = "hub"
DOWNWARD: Final = "command"
"""Goes from the hub to the device; ingest sees it because its filter is wider."""
ANSWER: Final = "response"
_LEAST_LEVELS: Final = 5


@dataclass(frozen=True, slots=True)
class Route:
    """Where one message goes; `ordinary` when the topic itself says all there is to say, so it may be remembered."""

    station: str
    message: str
    rest: tuple[str, ...]
    decode: Decode
    ordinary: bool


class Router:
    """Knows the hub's own topics and those of the mappings, which are asked first."""

    def __init__(self, mappings: Sequence[DeviceMapping] = ()) -> None:
        self._mappings = tuple(mappings)

    def route(self, topic: str, payload: bytes) -> Route | None:
        """The route of a message, None for what is not meant for ingest.

        Raises:
            Refused: bad_topic, or what a mapping refuses.
        """
        levels = tuple(topic.split("/"))
        for mapping in self._mappings:
            named = mapping.levels(levels)
            if named is not None:
                station = mapping.station(named, payload)
                return Route(station, mapping.name, (), mapping.decode, ordinary=False)
        return _own(levels, topic)


def _own(levels: tuple[str, ...], topic: str) -> Route | None:
    if levels[0] != ROOT or len(levels) < _LEAST_LEVELS:
        raise Refused("bad_topic", f"{shown(topic)}: expected {ROOT}/DEPARTMENT/KIND/DEVICE/MESSAGE")
    try:
        station = Station(*levels[1:4])
    except ValueError as error:
        raise Refused("bad_topic", str(error)) from None
    message, rest = levels[4], levels[5:]
    if message in (DOWNWARD, ANSWER) and not rest:
        return None
    codec = codecs().get(message)
    if codec is None:
        raise Refused("bad_topic", f"message {shown(message)}: expected one of {', '.join(codecs())}")
    if codec.KINDS is not None and station.kind not in codec.KINDS:
        raise Refused("bad_topic", f"{message} comes from {' or '.join(codec.KINDS)}, not from {station.kind}")
    if rest and not getattr(codec, "TAKES_REST", False):
        raise Refused("bad_topic", f"{shown(topic)}: nothing may follow {message}")
    return Route(str(station), message, rest, codec.decode, ordinary=not rest)
