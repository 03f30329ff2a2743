"""Who a frame comes from: the register by station address, with the password and the networks it gives (SL 651-2014, 6.2.3.2)."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hub.errors import Refused
from hub.event import DeviceEvent
from ingest.codec import Entry
from ingest.field.session import Line, ProtocolError
from ingest.protocols.sl651.memory import Known, Memory
from ingest.protocols.sl651.moment import to_epoch
from ingest.protocols.sl651.wire import Frame

NAME: Final = "sl651"
_CLOCK_MS: Final = 300_000
"""From here on the standard wants a clock set twice (6.6.4.24)."""


class Unwelcome(Refused):
    """A frame from nobody we take frames from; `station` where it is known whom it claims to be."""

    def __init__(self, reason: str, detail: str, station: str = "") -> None:
        super().__init__(reason, f"sl651 {detail}")
        self.station = station


class Caller(NamedTuple):
    """A registered station; `identity` as the register writes it."""

    identity: str
    entry: Entry
    known: Known

    @property
    def station(self) -> str:
        """`department/kind/device`."""
        return self.entry.station

    @property
    def zone(self) -> str | None:
        """The zone of its times; None: Beijing time."""
        return self.entry.zone

    def clock_note(self, sent: str, now: int) -> DeviceEvent | None:
        """A note when its clock is found to be off; the next one only after it was right again."""
        try:
            ahead = to_epoch(sent, self.zone) - now
        except ProtocolError:
            return None
        was, self.known.clock_off = self.known.clock_off, abs(ahead) > _CLOCK_MS
        if was or not self.known.clock_off:
            return None
        return DeviceEvent("note", self.station, now, now, "clock_off", 4, "时钟偏差", {"seconds": round(ahead / 1000)})


def who(frame: Frame, line: Line, memory: Memory) -> Caller:
    """The station that sent the frame.

    Raises:
        Unwelcome: unknown_device, not_allowed or bad_password.
    """
    for identity in spellings(frame.station):
        device = line.directory.find(NAME, identity)
        if device is not None and device.link is not None:
            break
    else:
        raise Unwelcome(
            "unknown_device", f"{frame.station}: the register has no enabled device with this station address (6.2.3.2)"
        )
    link, known = device.link, memory.of(device.link.identity)
    if not line.trusted and not link.allows(line.peer):
        raise Unwelcome("not_allowed", f"{frame.station}: {line.peer} is none of its link.sources", device.station)
    if link.password and not line.trusted and frame.password not in (link.password.lower(), known.new_password):
        raise Unwelcome("bad_password", f"{frame.station}: the password is not link.password (6.2.3.3)", device.station)
    try:
        return Caller(link.identity, line.directory.entry(device.station), known)
    except Refused as refused:
        raise Unwelcome(refused.reason, f"{frame.station}: {refused.detail}", device.station) from None


def spellings(station: str) -> Iterator[str]:
    """How a register may write an address: its 10 digits, without the leading 00 of hydrology codes, or with the own number decimal."""
    yield station
    if not station.isdecimal():
        yield station.upper()
    if station.startswith("00"):
        yield station[2:].upper()
    else:
        yield f"{station[:6]}{int(station[6:], 16):06d}".upper()
