"""A session on a register of its own, whose records become durable when the test says so."""

from collections.abc import Iterable
from typing import Any

from hub.catalogue import Catalogue, Device, DevicePut
from hub.command import Command
from hub.errors import Refused
from hub.event import DeviceEvent
from hub.link import FieldLink
from ingest.codec import Entry, Reading
from ingest.field.session import Action, Count, Deliver, Line, Progress, Reject, Send
from ingest.protocols.jt808 import Jt808
from ingest.protocols.jt808.frame import Frame, Header, parse_frame, write_frame
from ingest.protocols.jt808.message import read_message
from ingest.protocols.jt808.vehicle import code_of
from simulators.field.jt808 import Terminal

NOW = 1_795_401_680_000  # 2026-11-23T10:41:20+08:00
PHONE = "13800000001"
STATION = "transport/vehicle/v1"
REPORT = bytes.fromhex("00000000 00000003 01c92740 073f7800 0011 020b 005a 261123104120".replace(" ", ""))


def device(**link: Any) -> Device:
    """The vehicle of the tests."""
    return Device(STATION, secret_hash="$7$salt", link=FieldLink("jt808", PHONE, **link))


class Book:
    """A register of a few devices."""

    def __init__(self, *devices: Device) -> None:
        self._catalogue = Catalogue()
        self._catalogue.apply_all(DevicePut(one) for one in devices)

    def find(self, protocol: str, identity: str) -> Device | None:
        for one in self._catalogue.devices.values():
            if one.link is not None and (one.link.protocol, one.link.identity) == (protocol, identity):
                return one
        return None

    def entry(self, station: str) -> Entry:
        if station not in self._catalogue.devices:
            raise Refused("unknown_device", station)
        return Entry(self._catalogue.devices[station], self._catalogue)


class Talk:
    """One connection; `actions` is everything it asked for, in order."""

    def __init__(
        self, *devices: Device, protocol: Jt808 | None = None, peer: str = "10.0.0.7", trusted: bool = False
    ) -> None:
        self.now = NOW
        self.protocol = protocol or Jt808()
        line = Line(peer, "Asia/Shanghai", Book(*(devices or (device(),))), trusted=trusted)
        self.session = self.protocol.open(line, NOW)
        self.actions: list[Action] = []
        self.undurable: list[int] = []

    def do(self, actions: Iterable[Action]) -> list[Action]:
        """Note actions; their tokens wait."""
        found = list(actions)
        self.actions += found
        self.undurable += [a.token for a in found if isinstance(a, Deliver | Reject) and a.token]
        return found

    def hear(self, data: bytes) -> list[Action]:
        """Bytes from the terminal."""
        return self.do(self.session.received(data, self.now))

    def store(self) -> list[Action]:
        """Everything delivered so far becomes durable."""
        tokens, self.undurable = self.undurable, []
        return [action for token in tokens for action in self.do(self.session.durable(token, self.now))]

    def command(self, name: str, *, command_id: str = "c1", lasts: int = 600_000, **arguments: Any) -> list[Action]:
        """Ask something of the terminal."""
        return self.do(
            self.session.command(Command(command_id, name, self.now, self.now + lasts, STATION, arguments), self.now)
        )

    def wait(self, milliseconds: int) -> list[Action]:
        """Let time pass, tick by tick."""
        end, found = self.now + milliseconds, []
        while (wanted := self.session.next_tick()) is not None and wanted <= end:
            self.now = wanted
            found += self.do(self.session.tick(self.now))
        self.now = end
        return found

    # --- what came of it

    @property
    def readings(self) -> list[Reading]:
        """All rows delivered."""
        return [reading for action in self.actions if isinstance(action, Deliver) for reading in action.taken.readings]

    @property
    def events(self) -> list[DeviceEvent]:
        """All findings and notes delivered."""
        return [event for action in self.actions if isinstance(action, Deliver) for event in action.taken.events]

    @property
    def refusals(self) -> list[str]:
        """Reasons of frames, and of parts of frames, that were refused."""
        found = [action.reason for action in self.actions if isinstance(action, Reject)]
        return found + [
            part.reason for action in self.actions if isinstance(action, Deliver) for part in action.taken.refusals
        ]

    def steps(self, command_id: str = "c1") -> list[tuple[str, dict[str, object]]]:
        """What became of a command."""
        return [
            (step.state, step.values)
            for step in self.actions
            if isinstance(step, Progress) and step.command == command_id
        ]

    def counted(self, name: str) -> int:
        """A counter."""
        return sum(action.number for action in self.actions if isinstance(action, Count) and action.name == name)


def said(actions: Iterable[Action]) -> list[tuple[int, dict[str, Any]]]:
    """The messages that go to the terminal: id and values."""
    found = []
    for action in actions:
        if isinstance(action, Send):
            for piece in filter(None, action.data.split(b"\x7e")):
                message = read_message(parse_frame(piece))
                found.append((message.header.id, message.values))
    return found


def framed(message: int, body: bytes = b"", serial: int = 1, *, version: int | None = 1, **more: int) -> bytes:
    """A frame of the tests' terminal."""
    return write_frame(Frame(Header(message, PHONE, serial, version, **more), body))


def converse(talk: Talk, terminal: Terminal, seconds: float, *, step: float = 1.0, online: bool = True) -> None:
    """A terminal and a session for a while, everything durable at once."""
    end = talk.now + round(seconds * 1000)
    pending = b"".join(terminal.connected(talk.now)) if online and not terminal.admitted else b""
    while True:
        while pending:
            answers = [action for action in [*talk.hear(pending), *talk.store()] if isinstance(action, Send)]
            pending = b"".join(terminal.received(b"".join(answer.data for answer in answers), talk.now))
        if talk.now >= end:
            return
        sent = [action for action in talk.wait(round(step * 1000)) if isinstance(action, Send)]
        pending = b"".join(terminal.received(b"".join(action.data for action in sent), talk.now))
        pending += b"".join(terminal.tick(talk.now))


def let_in(talk: Talk, serial: int = 1, version: int | None = 1) -> None:
    """The terminal with its code."""
    code = code_of(device()).encode()
    body = bytes((len(code),)) + code + bytes(35) if version else code
    talk.hear(framed(0x0102, body, serial, version=version))


def answers(talk: Talk, message: int = 0x8001) -> list[tuple[int, int]]:
    """Serial number and result of every general answer so far."""
    return [(values["reply_serial"], values["result"]) for id_, values in said(talk.actions) if id_ == message]
