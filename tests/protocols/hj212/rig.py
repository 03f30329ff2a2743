"""A session on a register in memory, and what it did, told apart by kind."""

from collections.abc import Sequence
from typing import Any

from hub.catalogue import Catalogue, Device, DevicePut
from hub.command import Command
from hub.errors import Refused
from hub.event import DeviceEvent
from hub.link import FieldLink
from ingest.codec import Entry, Reading
from ingest.field.session import Action, Count, Deliver, Identify, Line, Progress, Reject, Send
from ingest.protocols.hj212 import Hj212
from ingest.protocols.hj212.times import read_time, write_qn, write_time
from simulators.field.hj212_wire import Crc, frame_of

MN = "010000A8900016F000169DC0"
STATION = "eco/source/outlet-1"
NOW = read_time("20161123103000")


def device(**link: Any) -> Device:
    """The logger as it is registered."""
    return Device(STATION, period_ms=60_000, link=FieldLink("hj212", MN, **({"password": "123456"} | link)))


class Directory:
    """A register that a test may change."""

    def __init__(self, *devices: Device) -> None:
        self.catalogue = Catalogue()
        self.entries: dict[str, Entry] = {}
        for one in devices:
            self.put(one)

    def put(self, one: Device) -> None:
        """Register or change a device."""
        self.catalogue.apply(DevicePut(one))
        self.entries[one.station] = Entry(one, self.catalogue)

    def find(self, protocol: str, identity: str) -> Device | None:
        found = (one for one in self.catalogue.devices.values() if one.link and one.link.identity == identity)
        return next(found, None) if protocol == "hj212" else None

    def entry(self, station: str) -> Entry:
        if station not in self.entries:
            raise Refused("unknown_device", station)
        return self.entries[station]


class Talk:
    """One connection; `now` goes on only when the test says so."""

    def __init__(
        self, *devices: Device, protocol: Hj212 | None = None, peer: str = "10.1.2.3", trusted: bool = False
    ) -> None:
        self.directory = Directory(*(devices or (device(),)))
        self.protocol = protocol or Hj212()
        self.now = NOW
        self.session = self.protocol.open(Line(peer, "Asia/Shanghai", self.directory, trusted=trusted), self.now)
        self.actions: list[Action] = []
        self._number = 0

    # --- what happens

    def say(self, data: bytes) -> list[Action]:
        """Bytes of the device."""
        return self._did(self.session.received(data, self.now))

    def upload(self, cn: str, cp: str, crc: Crc = "right", **head: Any) -> list[Action]:
        """One frame of the device."""
        return self.say(frame_of(self.segment(cn, cp, **head), crc))

    def segment(self, cn: str, cp: str, **head: Any) -> str:
        """A data segment in 2017's way; `head` changes fields, None leaves one out."""
        self._number += 1
        fields = {"QN": write_qn(self.now + self._number), "ST": "32", "CN": cn, "PW": "123456", "MN": MN, "Flag": 5}
        fields |= head
        return "".join(f"{name}={value};" for name, value in fields.items() if value is not None) + f"CP=&&{cp}&&"

    def durable(self, place: int = -1) -> list[Action]:
        """The record delivered last, or the one at this place, is on the bus."""
        tokens = [one.token for one in self.actions if isinstance(one, Deliver | Reject) and one.token]
        return self._did(self.session.durable(tokens[place], self.now))

    def ask(self, name: str, *, command: str = "c1", lasts: int = 600_000, **arguments: Any) -> list[Action]:
        """A command of the hub."""
        return self._did(
            self.session.command(Command(command, name, self.now, self.now + lasts, STATION, arguments), self.now)
        )

    def later(self, ms: int) -> list[Action]:
        """Time goes on, with every tick the session wants."""
        until, done = self.now + ms, len(self.actions)
        while (wanted := self.session.next_tick()) is not None and wanted <= until:
            self.now = max(self.now, wanted)
            before = self.session.next_tick()
            self._did(self.session.tick(self.now))
            assert self.session.next_tick() != before or self.session.next_tick() is None, "a tick that changes nothing"
        self.now = until
        return self.actions[done:]

    def _did(self, actions: Sequence[Action]) -> list[Action]:
        self.actions += actions
        return list(actions)

    # --- what was done

    @property
    def readings(self) -> list[Reading]:
        """Everything stored."""
        return [reading for one in self.actions if isinstance(one, Deliver) for reading in one.taken.readings]

    @property
    def notes(self) -> list[DeviceEvent]:
        """Every event."""
        return [event for one in self.actions if isinstance(one, Deliver) for event in one.taken.events]

    def steps(self, command: str = "c1") -> list[str]:
        """The states of a command."""
        return [one.state for one in self.actions if isinstance(one, Progress) and one.command == command]


def sent(actions: Sequence[Action]) -> list[dict[str, str]]:
    """What went to the device: head fields and `CP` of each frame."""
    found = []
    for action in actions:
        if isinstance(action, Send):
            head, _, cp = action.data[6:-6].decode().partition(";CP=&&")
            assert action.data == frame_of(action.data[6:-6].decode())
            found.append(dict(item.split("=") for item in head.split(";")) | {"CP": cp.removesuffix("&&")})
    return found


def reasons(actions: Sequence[Action]) -> list[str]:
    """Why frames were turned away."""
    return [one.reason for one in actions if isinstance(one, Reject)]


def counts(actions: Sequence[Action]) -> list[str]:
    """What was counted."""
    return [one.name for one in actions if isinstance(one, Count)]


def identities(actions: Sequence[Action]) -> list[Identify]:
    """Who was recognised."""
    return [one for one in actions if isinstance(one, Identify)]


def real_time(now: int, value: float = 7.1) -> str:
    """A real-time content of this moment."""
    return f"DataTime={write_time(now)};w01001-Rtd={value},w01001-Flag=N"
