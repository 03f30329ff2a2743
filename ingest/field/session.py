"""What a field protocol is to the hub: a pure state machine for each connection; bytes, time and the register come in, actions go out.

A session never waits, never touches a socket and never reads a clock. `now` is epoch ms. It acknowledges a record (HJ 212 9014, JT/T 808 8001, SL 651's
confirmation) only from `durable`, which is called once everything in the `Deliver` of that token is on the bus.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hub.catalogue import Device
from hub.command import Command, State
from hub.errors import HubError
from ingest.codec import Entry, Taken


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes for the device; `shown` is how they may stand in the tap where they hold a password or a key."""

    data: bytes
    shown: bytes | None = None


@dataclass(frozen=True, slots=True)
class Deliver:
    """What one frame (or a reassembled group of them) became; `raw` is its bytes, for the dead letter of what was refused in it.

    A `token` other than 0 comes back by `durable`. Refusals in `taken` become one dead letter. `picture` holds the bytes of `taken.picture`.
    """

    station: str
    taken: Taken
    raw: bytes
    token: int = 0
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class Reject:
    """A frame nothing of which can be taken: a dead letter with its bytes. `reason` is a word of `ingest.codec.REASONS` or of `REASONS` here.

    `identity` is what the frame calls its sender, where it could be read and the sender was not let in.
    """

    reason: str
    detail: str
    raw: bytes
    station: str = ""
    token: int = 0
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole frame that brings nothing to store (heartbeat, reply, query): it counts as a sign of life and stands in the tap."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Identify:
    """The connection is this station's from now on; an older connection of the station is closed. `version` is the protocol's edition."""

    station: str
    identity: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a command that the hub gave, or that the session began itself: then `command` is `auto:NAME:UNIQUE`, such as `auto:data.query:...`."""

    command: str
    state: State
    detail: str = ""
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """One more of something worth a counter of the connection, such as `crc_modbus` or `duplicate`."""

    name: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection, after what is to be sent has been; `reason` is shown where sessions are listed."""

    reason: str


Action = Send | Deliver | Reject | Seen | Identify | Progress | Count | Close


class Directory(Protocol):
    """The register as a session may ask it."""

    def find(self, protocol: str, identity: str) -> Device | None:
        """The enabled device with this link."""

    def entry(self, station: str) -> Entry:
        """What decoders ask of one device.

        Raises:
            Refused: unknown_device, or not_allowed when the register has disabled it.
        """


@dataclass(frozen=True, slots=True)
class Line:
    """What a session knows of its surroundings: the caller's address, the site's IANA zone, the register, how far ahead of now a time may lie (ms).

    `trusted`: frames are taken again that were let in once (the retry of a dead letter); neither address nor password nor order of greeting is looked at.
    """

    peer: str
    zone: str
    directory: Directory
    future_ms: int = 600_000
    trusted: bool = False


class FieldSession(Protocol):
    """One connection. Each method returns what is to be done, in order; none raises."""

    def received(self, data: bytes, now: int) -> Sequence[Action]:
        """Bytes as they came: any cut, any number of frames."""

    def durable(self, token: int, now: int) -> Sequence[Action]:
        """The record of this token is on the bus (or, for a `Reject`, its dead letter is)."""

    def command(self, command: Command, now: int) -> Sequence[Action]:
        """Something is asked of the device; each step is told by `Progress` with the command's id."""

    def tick(self, now: int) -> Sequence[Action]:
        """Time has come to `now`: time-outs, retries, reassembly that waits no longer."""

    def next_tick(self) -> int | None:
        """When `tick` is wanted, epoch ms; None: not before something else happens."""

    def closed(self, now: int) -> Sequence[Action]:
        """The connection is gone: what can still be delivered or must be told; nothing can be sent."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """One frame as `hub decode` shows it: `fields` as the protocol names them, `observations` as the hub would store them, or why it is refused."""

    ok: bool
    fields: dict[str, object] = field(default_factory=dict)
    observations: list[dict[str, object]] = field(default_factory=list)
    reason: str = ""
    detail: str = ""


class FieldProtocol(Protocol):
    """What a package of `ingest.protocols` gives as `PROTOCOL`; one object for the process, which may remember devices over their connections."""

    @property
    def name(self) -> str:
        """The word in `hub.toml`, in links and in `hub decode`."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The words a session's `command` understands."""

    def open(self, line: Line, now: int) -> FieldSession:
        """A session for a connection that was just made."""

    def decode(self, data: bytes) -> Decoded:
        """One whole frame, without register and without state; never raises."""

    def masked(self, data: bytes) -> bytes:
        """The bytes of a frame with its password and keys blotted out, for the tap."""


class ProtocolError(HubError):
    """The one error of a codec: `reason` is bad_crc, bad_length, bad_format, bad_value, incomplete or unsupported; `detail` names field and clause."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


REASONS = {
    "bad_crc": "the frame's check does not fit its bytes",
    "bad_length": "the frame's length field does not fit its bytes, or a part is longer than the protocol allows",
    "bad_format": "the frame is not built as the protocol says",
    "incomplete": "parts of a split message did not come in time",
    "bad_password": "the frame's password is not the one in the register",
}
"""Reasons of refusal that only field protocols have, beside those of `ingest.codec`."""
