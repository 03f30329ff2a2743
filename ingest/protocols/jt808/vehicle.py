"""What the process remembers of a terminal over its connections: what it rang for, what was answered, which edition it speaks."""

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from hub.catalogue import Device
from ingest.protocols.jt808.edges import Edges

_ANSWERED: Final = 32
_CODE_DIGITS: Final = 16


@dataclass(slots=True)
class Vehicle:
    """One terminal. A frame that was answered and comes again is answered again, not stored again; `edition` is the year its registration showed."""

    edges: Edges = field(default_factory=Edges)
    edition: int = 0
    _answered: OrderedDict[int, None] = field(default_factory=OrderedDict)

    def answered(self, key: int) -> bool:
        """Whether a frame with this key was stored and answered."""
        return key in self._answered

    def remember(self, key: int) -> None:
        """A frame with this key is stored."""
        self._answered[key] = None
        if len(self._answered) > _ANSWERED:
            self._answered.popitem(last=False)


class Vehicles:
    """Every terminal that spoke to this process, by station."""

    def __init__(self) -> None:
        self._known: dict[str, Vehicle] = {}

    def of(self, station: str) -> Vehicle:
        """The terminal of this station."""
        return self._known.setdefault(station, Vehicle())


def code_of(device: Device) -> str:
    """The authentication code of a terminal: the register's own word, or one that only holders of the register can work out.

    It is the same after a restart and in every process; it changes when the device gets a new secret.
    """
    if device.link is not None and device.link.password:
        return device.link.password
    digest = hmac.new(device.secret_hash.encode(), f"jt808 {device.station}".encode(), hashlib.sha256)
    return digest.hexdigest()[:_CODE_DIGITS]


def names_of(phone: str) -> tuple[str, ...]:
    """How the register may write the phone number that a header fills up with zeros."""
    bare = phone.lstrip("0") or "0"
    return tuple(dict.fromkeys((phone, bare, bare.zfill(11), bare.zfill(12), bare.zfill(20))))
