"""One SL 651 session and the station it talks to, without a network: actions are carried over by hand, the bus is a list."""

from collections.abc import Sequence
from typing import Any

from hub.catalogue import Device, DevicePut
from hub.command import Command
from hub.link import FieldLink
from ingest.field.directory import LinkDirectory
from ingest.field.session import Action, Deliver, Line, Progress, Reject, Send
from ingest.protocols.sl651.memory import Memory
from ingest.protocols.sl651.session import Sl651Session
from ingest.register import Register
from simulators.field.sl651 import Plan, Rtu
from tests.ingest.rig import NOW, Ledger

STATION = "0012345678"
W1 = "water-bureau/water/w1"
W2 = "water-bureau/water/w2"
CAMERA = "water-bureau/camera/c1"


def station(name: str = W1, identity: str = STATION, *, gateway: bool = False, **link: Any) -> Device:
    """A registered station."""
    return Device(name, gateway=gateway, link=FieldLink("sl651", identity, **{"password": "1234", **link}))


def directory(*devices: Device) -> LinkDirectory:
    """A register with these devices."""
    ledger = Ledger()
    ledger.changes += [DevicePut(device) for device in devices or (station(),)]
    return LinkDirectory(Register(ledger))


class Talk:
    """A session; `hold` keeps records from becoming durable until `settle`."""

    def __init__(self, *devices: Device, memory: Memory | None = None, peer: str = "10.0.0.1", now: int = NOW) -> None:
        self.now = now
        self.memory = memory or Memory()
        self.session = Sl651Session(self.memory, Line(peer, "Asia/Shanghai", directory(*devices)))
        self.hold = False
        self.actions: list[Action] = []
        self.stored: list[Deliver] = []
        self.refused: list[Reject] = []
        self.steps: list[Progress] = []
        self._tokens: list[int] = []

    def hear(self, data: bytes) -> bytes:
        """Bytes from the station; what goes back to it."""
        return self._do(self.session.received(data, self.now))

    def settle(self) -> bytes:
        """Everything is on the bus now."""
        sent = b""
        while self._tokens:
            sent += self._do(self.session.durable(self._tokens.pop(0), self.now))
        return sent

    def ask(self, name: str, *, lasts: int = 600_000, **arguments: Any) -> bytes:
        """A command."""
        command = Command(f"c-{name}", name, self.now, self.now + lasts, W1, arguments, "tester")
        return self._do(self.session.command(command, self.now))

    def pass_time(self, milliseconds: int) -> bytes:
        """Time goes on; the session is called where it wants to be."""
        end, sent = self.now + milliseconds, b""
        while (due := self.session.next_tick()) is not None and due <= end:
            self.now = max(self.now, due)
            sent += self._do(self.session.tick(self.now))
        self.now = end
        return sent

    def converse(self, rtu: Rtu, rounds: int = 20) -> None:
        """The station and the session talk until both are silent."""
        up = rtu.tick(self.now) if rtu.reports else rtu.connected(self.now) + rtu.tick(self.now)
        for _ in range(rounds):
            down = self.hear(b"".join(up)) + self.settle()
            up = rtu.received(down, self.now) if down else []
            if not up:
                return

    def values(self, station_: str = W1) -> list[tuple[int, str, float]]:
        """What was stored of a station."""
        return [
            (reading.time, name, value)
            for what in self.stored
            if what.station == station_
            for reading in what.taken.readings
            for name, value in zip(reading.names, reading.values, strict=True)
        ]

    def events(self) -> list[str]:
        """Findings and notes, by type."""
        return [event.type for what in self.stored for event in what.taken.events]

    def _do(self, actions: Sequence[Action]) -> bytes:
        sent = b""
        for action in actions:
            self.actions.append(action)
            match action:
                case Send(data):
                    sent += data
                case Deliver():
                    self.stored.append(action)
                case Reject():
                    self.refused.append(action)
                case Progress():
                    self.steps.append(action)
                case _:
                    continue
            if isinstance(action, Deliver | Reject) and action.token:
                self._tokens.append(action.token)
        if not self.hold:
            sent += self.settle()
        return sent


def rtu(now: int = NOW, **plan: Any) -> Rtu:
    """A simulated station."""
    return Rtu(Plan(STATION, **plan), now)
