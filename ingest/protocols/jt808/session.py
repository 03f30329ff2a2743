"""The conversation with one terminal, as a state machine: who it is, what it brings, what it is answered and when (JT/T 808-2013, chapters 5 to 7).

8001 and 8100 go out only from `durable`: an answer says that the record is kept. A frame that comes again before that is answered together with the first one,
later at once; it is stored once.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final

from hub.catalogue import Device
from hub.command import Command
from hub.errors import Refused
from ingest.field.session import (
    Action,
    Close,
    Count,
    Deliver,
    Identify,
    Line,
    Progress,
    ProtocolError,
    Reject,
    Seen,
    Send,
)
from ingest.protocols.jt808.bcd_time import from_epoch
from ingest.protocols.jt808.downlink import Downlink
from ingest.protocols.jt808.frame import Frame, Header, parse_frame
from ingest.protocols.jt808.framer import Framer
from ingest.protocols.jt808.layout import to_bytes, write_body
from ingest.protocols.jt808.message import Message, read_message
from ingest.protocols.jt808.messages import DOWN, UP
from ingest.protocols.jt808.packages import Group, Packages
from ingest.protocols.jt808.taking import NOTES, Moment, take
from ingest.protocols.jt808.vehicle import Vehicle, Vehicles, code_of, names_of
from ingest.protocols.jt808.writing import Writer

NAME: Final = "jt808"
OK, FAILED, WRONG, UNSUPPORTED, UNKNOWN_TERMINAL = 0, 1, 2, 3, 4

UNFINISHED_MS: Final = 30_000
"""How long the rest of a frame may take."""

_TRIES: Final = 3
_FLAG: Final = b"\x7e"
_MOST_NOISE: Final = 4096
_REPORTS: Final = frozenset({0x0200, 0x0201, 0x0704})
_UNANSWERED: Final = frozenset({0x0001, 0x0005, 0x0104, 0x0107, 0x0201, 0x0608, 0x0802})
"""Messages that are answers themselves."""

_GREETINGS: Final = frozenset({0x0003, 0x0004, 0x0100, 0x0102})
"""What may be said before the terminal has authenticated."""

Reply = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class Waiting:
    """What follows once a record is durable: the answers it gets, and the keys by which its frames are known again."""

    replies: list[Reply] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)


class Jt808Session:
    """One connection."""

    def __init__(self, line: Line, vehicles: Vehicles) -> None:
        self._line = line
        self._vehicles = vehicles
        self._framer = Framer()
        self._packages = Packages()
        self._writer = Writer()
        self._downlink = Downlink(self._writer.pack)
        self._device: Device | None = None
        self._vehicle = Vehicle()
        self._phone = ""
        self._admitted = line.trusted
        self._failures = 0
        self._token = 0
        self._waiting: dict[int, Waiting] = {}
        self._flying: dict[int, int] = {}
        self._unfinished = 0

    # --- what the connection calls

    def received(self, data: bytes, now: int) -> Sequence[Action]:
        frames, noise = self._framer.feed(data)
        actions: list[Action] = []
        if noise:
            detail = f"{len(noise)} bytes that belong to no frame (4.4.1)"
            actions += self._refuse("bad_format", detail, noise[:_MOST_NOISE])
        for piece in frames:
            actions += self._frame(piece, now)
        self._unfinished = now + UNFINISHED_MS if self._framer.pending else 0
        return actions

    def durable(self, token: int, now: int) -> Sequence[Action]:
        waiting = self._waiting.pop(token, None)
        if waiting is None:
            return ()
        for key in waiting.keys:
            self._flying.pop(key, None)
            self._vehicle.remember(key)
        return [self._send(*reply) for reply in waiting.replies]

    def command(self, command: Command, now: int) -> Sequence[Action]:
        if not self._admitted or self._device is None:
            return (Progress(command.id, "failed", "the terminal has not authenticated on this connection"),)
        link = self._registered_device.link
        return self._downlink.start(command, self._edition, "wgs84" if link is None else link.crs, now)

    def tick(self, now: int) -> Sequence[Action]:
        actions = self._downlink.tick(now)
        ask, given_up = self._packages.quiet(now)
        for group in ask:
            packages = [{"number": number} for number in group.missing[:255]]
            actions += [Count("resend_asked"), self._send(0x8003, {"reply_serial": group.first, "packages": packages})]
        for group in given_up:
            actions += self._incomplete(group)
        if self._unfinished and now >= self._unfinished:
            self._unfinished = 0
            actions += self._refuse("incomplete", _half(UNFINISHED_MS), _FLAG + self._framer.drop())
        return actions

    def next_tick(self) -> int | None:
        moments = (self._downlink.next_tick(), self._packages.next_tick(), self._unfinished or None)
        return min((moment for moment in moments if moment is not None), default=None)

    def closed(self, now: int) -> Sequence[Action]:
        actions: list[Action] = []
        if self._framer.pending:
            actions += self._refuse("incomplete", "the connection ended within a frame", _FLAG + self._framer.drop())
        for group in self._packages.all():
            actions += self._incomplete(group)
        return [*actions, *self._downlink.end()]

    # --- frames

    def _frame(self, piece: bytes, now: int) -> list[Action]:
        raw = _FLAG + piece + _FLAG
        try:
            frame = parse_frame(piece)
        except ProtocolError as error:
            return self._refuse(error.reason, error.detail, raw)
        header = frame.header
        if refused := self._bind(header, raw):
            return refused
        self._writer.meet(header)
        if header.encrypted:
            return self._refuse("unsupported", "an enciphered body (4.4.3)", raw, _general(header, UNSUPPORTED))
        if not self._admitted and header.id not in _GREETINGS:
            detail = f"0x{header.id:04x} before the terminal has authenticated (7.2)"
            return self._refuse("not_allowed", detail, raw, _general(header, FAILED))
        if repeated := self._repeated(frame, raw):
            return repeated
        if not header.split:
            return self._whole(frame, raw, [header.serial], [frame.key], now)
        group, given_up = self._packages.take(frame, raw, now)
        actions: list[Action] = self._incomplete(given_up) if given_up else []
        if group is None:
            return [*actions, Seen(raw)]
        return actions + self._whole(group.whole(), group.raw, group.serials, group.keys, now)

    def _bind(self, header: Header, raw: bytes) -> list[Action]:
        """Hold the connection to one terminal of the register; what follows when it is none, or another one."""
        if header.phone == self._phone:
            return []
        if self._phone:
            return self._refuse("not_allowed", f"terminal {header.phone} on the connection of {self._phone}", raw)
        device = self._find(header.phone)
        if device is None or device.link is None:
            reply = _registered(header, UNKNOWN_TERMINAL) if header.id == 0x0100 else _general(header, FAILED)
            self._writer.meet(header)
            detail = f"terminal {header.phone}: no jt808 link of that identity"
            return self._refuse("unknown_device", detail, raw, reply, header.phone)
        if not self._line.trusted and not device.link.allows(self._line.peer):
            actions = self._refuse("not_allowed", f"address {self._line.peer} is none of the link's sources", raw)
            return [*actions, Close("an address that the register does not allow")]
        self._phone, self._device = header.phone, device
        self._vehicle = self._vehicles.of(device.station)
        return []

    def _find(self, phone: str) -> Device | None:
        found = (self._line.directory.find(NAME, name) for name in names_of(phone))
        return next((device for device in found if device is not None), None)

    def _repeated(self, frame: Frame, raw: bytes) -> list[Action]:
        """The answer of a frame that is stored already, or about to be; nothing when it is new."""
        if self._line.trusted or not frame.body or frame.header.id in _GREETINGS:
            return []
        key = frame.key
        reply = _general(frame.header, OK)
        if (token := self._flying.get(key)) is not None:
            if frame.header.id not in _UNANSWERED:
                self._waiting[token].replies.append(reply)
            return [Count("duplicate"), Seen(raw)]
        if not self._vehicle.answered(key):
            return []
        again = [] if frame.header.id in _UNANSWERED else [self._send(*reply)]
        return [Count("duplicate"), Seen(raw), *again]

    # --- messages

    def _whole(self, frame: Frame, raw: bytes, serials: list[int], keys: list[int], now: int) -> list[Action]:
        header = frame.header
        if header.id not in UP:
            detail = f"0x{header.id:04x} is no message that the hub takes (chapter 8)"
            return self._refuse("unsupported", detail, raw, _general(header, UNSUPPORTED))
        try:
            message = read_message(frame)
        except ProtocolError as error:
            return self._refuse(error.reason, error.detail, raw, _general(header, WRONG))
        if header.id in _GREETINGS:
            return self._greeting(message, raw, now)
        told = self._downlink.answered(message, now)
        if header.id in _REPORTS or header.id in NOTES:
            replies = [] if header.id in _UNANSWERED else [_general(header, OK, serial) for serial in serials]
            return [*self._deliver(message, raw, Waiting(replies, keys), now), *told]
        if header.id == 0x0005:
            numbers = [item["number"] for item in message.values["packages"]]
            return [Seen(raw), *self._downlink.again(message.values["reply_serial"], numbers)]
        if header.id in _UNANSWERED:
            return [Seen(raw), *told]
        return [Seen(raw), self._send(*_general(header, OK))]

    def _greeting(self, message: Message, raw: bytes, now: int) -> list[Action]:
        header = message.header
        match header.id:
            case 0x0100:
                self._vehicle.edition = message.edition
                reply = (
                    0x8100,
                    {"reply_serial": header.serial, "result": OK, "auth": code_of(self._registered_device)},
                )
                return self._deliver(message, raw, Waiting([reply]), now)
            case 0x0102:
                return self._authentication(message, raw)
            case 0x0004:
                return [Seen(raw), self._send(0x8004, {"time": from_epoch(now, UTC).hex()})]
        self._admitted = self._line.trusted
        return [Seen(raw), self._send(*_general(header, OK))]

    def _authentication(self, message: Message, raw: bytes) -> list[Action]:
        header = message.header
        given, wanted = to_bytes(message.values["auth"]), to_bytes(code_of(self._registered_device))
        if self._line.trusted:
            return [Seen(raw)]
        if not hmac.compare_digest(given.rstrip(b"\0"), wanted):
            self._failures += 1
            detail = "0x0102: the authentication code is not the terminal's (7.2)"
            actions = [self._send(*_general(header, FAILED)), *self._refuse("bad_password", detail, raw)]
            return [*actions, Close("wrong authentication codes")] if self._failures >= _TRIES else actions
        self._admitted = True
        version = str(self._edition)
        return [
            Seen(raw),
            Identify(self._registered_device.station, header.phone, version),
            self._send(*_general(header, OK)),
        ]

    def _deliver(self, message: Message, raw: bytes, waiting: Waiting, now: int) -> list[Action]:
        try:
            entry = self._line.directory.entry(self._registered_device.station)
        except Refused as refused:
            return self._refuse(refused.reason, refused.detail, raw, _general(message.header, FAILED))
        taken = take(message, entry, self._vehicle, Moment(now, now + self._line.future_ms))
        self._token += 1
        self._waiting[self._token] = waiting
        for key in waiting.keys:
            self._flying[key] = self._token
        return [Deliver(entry.station, taken, raw, self._token)]

    # --- saying

    def _refuse(
        self, reason: str, detail: str, raw: bytes, reply: Reply | None = None, identity: str = ""
    ) -> list[Action]:
        token = 0
        if reply is not None:
            token = self._token = self._token + 1
            self._waiting[token] = Waiting([reply])
        station = "" if self._device is None else self._device.station
        return [Count(reason), Reject(reason, detail, raw, station, token, identity)]

    def _incomplete(self, group: Group) -> list[Action]:
        total = group.header.total
        detail = f"0x{group.header.id:04x}: {len(group.bodies)} of {total} packages came (7.12)"
        return self._refuse("incomplete", detail, group.raw)

    def _send(self, message: int, values: dict[str, Any]) -> Send:
        body = write_body(DOWN[message], values, self._edition)
        return Send(b"".join(data for _, data in self._writer.pack(message, body)))

    @property
    def _edition(self) -> int:
        return 2019 if self._writer.version is not None else self._vehicle.edition or 2013

    @property
    def _registered_device(self) -> Device:
        assert self._device is not None, "frames are bound to a device before they are looked into"
        return self._device


def _general(header: Header, result: int, serial: int | None = None) -> Reply:
    """8001 for a message, or for one package of it."""
    serial = header.serial if serial is None else serial
    return 0x8001, {"reply_serial": serial, "reply_id": header.id, "result": result}


def _registered(header: Header, result: int) -> Reply:
    return 0x8100, {"reply_serial": header.serial, "result": result}


def _half(waited: int) -> str:
    return f"no end of the frame within {waited // 1000} s"
