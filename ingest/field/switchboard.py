"""What all connections of the field protocols share: the register, the gatherer, the commands, who is connected, and what each may cost.

Everything runs on one event loop; only `flush` is called from a thread of its own, because the bus may make it wait.
"""

import heapq
import itertools
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from hub.clock import Clock
from hub.command import FRAMES_OF, REFUSALS, SESSIONS, Command
from hub.settings import FieldSection
from ingest.field.connection import Connection
from ingest.field.desk import CommandDesk
from ingest.field.directory import LinkDirectory
from ingest.field.limits import Doors, Turns
from ingest.field.refusals import Refusals, Turned
from ingest.field.session import Deliver, Line, Progress, Reject
from ingest.field.tap import Tap
from ingest.intake import Intake

_LISTED_MOST: Final = 500


class Switchboard:
    """One per process."""

    def __init__(
        self,
        settings: FieldSection,
        zone: str,
        intake: Intake,
        directory: LinkDirectory,
        desk: CommandDesk,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.held = False
        self.counts: Counter[str] = Counter()
        self.turns = Turns(clock.monotonic)
        self._zone = zone
        self._intake = intake
        self._directory = directory
        self._desk = desk
        self._doors = Doors(settings)
        self._connections: dict[Connection, str] = {}
        self._stations: dict[str, Connection] = {}
        self._taps: dict[str, Tap] = {}
        self._refusals = Refusals()
        self._tokens: dict[int, tuple[Connection, int]] = {}
        self._numbers = itertools.count(1)
        self._calls: list[tuple[int, int, Connection]] = []

    # --- what connections call

    def enter(self, connection: Connection, address: str) -> str:
        """A caller; otherwise why it cannot come in."""
        reason = self._doors.enter(address)
        if not reason:
            self._connections[connection] = address
        return reason

    def leave(self, connection: Connection) -> None:
        """A connection that was let in is gone."""
        self._doors.leave(self._connections.pop(connection))
        if self._stations.get(connection.station) is connection:
            del self._stations[connection.station]
            self._desk.lost(connection.station, self.clock.now())

    def line(self, address: str) -> Line:
        """What a session is told of its surroundings."""
        return Line(address, self._zone, self._directory)

    def identify(self, connection: Connection, station: str) -> None:
        """The connection is this station's; an older one of the same station is ended."""
        if self._stations.get(station) is connection:
            return
        if (older := self._stations.pop(station, None)) is not None:
            self._desk.lost(station, self.clock.now())
            older.end("a newer connection of the same device")
        if connection.station:
            self._stations.pop(connection.station, None)
        tap = self.tap_of(station)
        if connection.tap is not None and connection.tap is not tap:
            tap.take_over(connection.tap)
        connection.station, connection.tap = station, tap
        self._stations[station] = connection

    def hand_waiting(self, connection: Connection) -> None:
        """Give a device that has called what waited for it."""
        for command in self._desk.claim(connection.station):
            self._hand(connection, command)

    def tap_of(self, station: str) -> Tap:
        """The tap of a station; who has not said yet who it is has one of its own."""
        if not station:
            return Tap(self.settings.tap_frames)
        if station not in self._taps:
            self._taps[station] = Tap(self.settings.tap_frames)
        return self._taps[station]

    def deliver(self, connection: Connection, what: Deliver) -> None:
        """Something to store."""
        self._intake.take_read(
            what.station,
            what.taken,
            what.raw,
            source=connection.protocol.name,
            topic=self._topic(connection),
            token=self._token(connection, what.token),
            picture=what.picture,
        )
        if what.taken.refusals:
            reason, detail = what.taken.explain()
            connection.last_error = f"{reason}: {detail}"[:300]
            self._note(connection, reason, detail, what.raw, what)

    def reject(self, connection: Connection, what: Reject) -> None:
        """Something that cannot be taken."""
        self._note(connection, what.reason, what.detail, what.raw, what)
        self._intake.turn_down(
            what.station or connection.station,
            what.raw,
            what.reason,
            what.detail,
            source=connection.protocol.name,
            topic=self._topic(connection),
            token=self._token(connection, what.token),
        )

    def progress(self, connection: Connection, step: Progress) -> None:
        """A step of a command."""
        self._desk.progress(step.command, connection.station, step.state, self.clock.now(), step.detail, step.values)

    def call_at(self, when: int, connection: Connection) -> None:
        """Call `connection.tick` then."""
        heapq.heappush(self._calls, (when, next(self._numbers), connection))

    # --- what the role calls

    def durable(self, tokens: Iterable[int]) -> None:
        """These records are on the bus."""
        for token in tokens:
            connection, own = self._tokens.pop(token)
            connection.durable(own)

    def hold(self, *, held: bool) -> None:
        """Whether the bus is away and nothing more can be taken."""
        if held != self.held:
            self.held = held
            for connection in self._connections:
                connection.hold(held=held)

    def tick(self) -> None:
        """Call whom it is time for; end who is silent; let go of commands that expired."""
        now = self.clock.now()
        while self._calls and self._calls[0][0] <= now:
            when, _, connection = heapq.heappop(self._calls)
            if connection.wanted == when:
                connection.wanted = None
                connection.tick(now)
                connection.schedule()

    def sweep(self) -> None:
        """End connections that say nothing, and commands that waited too long; a few times a minute is enough."""
        now = self.clock.now()
        for connection in list(self._connections):
            if not connection.station:
                if now - connection.opened > self.settings.hello_s * 1000:
                    connection.end(f"it did not say who it is within {self.settings.hello_s:g} s", abort=True)
            elif now - max(connection.last_frame, connection.opened) > self.settings.idle_s * 1000:
                connection.end(f"no whole frame for {self.settings.idle_s:g} s", abort=True)
        self._desk.sweep(now)

    def command(self, command: Command) -> None:
        """A command from the bus: to its device's connection, or kept until the device calls."""
        now = self.clock.now()
        if command.name == SESSIONS:
            self._desk.answer(command, "done", now, values=self._listed(command))
        elif command.name == REFUSALS:
            refusals = self._refusals.listed(command.arguments.get("department"), now)
            self._desk.answer(command, "done", now, values={"refusals": refusals})
        elif command.name == FRAMES_OF:
            self._desk.answer(command, "done", now, values={"frames": self._tapped(command.station)})
        elif (connection := self._stations.get(command.station)) is not None:
            self._hand(connection, command)
        else:
            self._desk.wait(command, now)

    def close(self) -> None:
        """End every connection."""
        for connection in list(self._connections):
            connection.end("the hub is stopping")

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    def counters(self) -> dict[str, float]:
        """For the health file."""
        turned = {f"turned_away.{why}": float(number) for why, number in self._doors.turned_away.items()}
        told = {f"field.{name}": float(number) for name, number in self.counts.items()}
        return {"connections": self.open, "identified": len(self._stations), **turned, **told}

    def trouble(self) -> str:
        """What an operator should mend in the register."""
        doubled = self._directory.doubled
        return f"two devices have one identity: {'; '.join(doubled[:3])}" if doubled else ""

    def _hand(self, connection: Connection, command: Command) -> None:
        if command.name not in connection.protocol.commands:
            known = ", ".join(connection.protocol.commands)
            self._desk.answer(
                command, "refused", self.clock.now(), f"{connection.protocol.name} knows {known}; not {command.name}"
            )
            return
        self._desk.begin(command)
        connection.command(command)

    def _listed(self, command: Command) -> dict[str, Any]:
        department, after = command.arguments.get("department"), command.arguments.get("after", "")
        shown = [
            one.listed()
            for one in sorted(self._connections, key=_order)
            if _order(one) > after and (department is None or one.station.startswith(f"{department}/"))
        ]
        more = len(shown) > _LISTED_MOST
        return {"sessions": shown[:_LISTED_MOST], "total": self.open, "more": more}

    def _tapped(self, station: str) -> list[dict[str, Any]]:
        tap = self._taps.get(station)
        frames = [] if tap is None else tap.frames()
        return [
            {
                "time": one.time,
                "direction": one.direction,
                "hex": one.data.hex(),
                "length": one.length,
                "why": one.why,
            }
            for one in frames
        ]

    def _note(self, connection: Connection, reason: str, detail: str, raw: bytes, what: Deliver | Reject) -> None:
        """Remember a refusal for those who look for its cause; a device that was not let in is found by what it calls itself."""
        now, protocol = self.clock.now(), connection.protocol
        identity = connection.identity or (what.identity if isinstance(what, Reject) else "")
        station = what.station or connection.station
        if not station and identity:
            known = self._directory.find(protocol.name, identity)
            station = "" if known is None else known.station
        address = self._connections.get(connection, connection.peer)
        frame = protocol.masked(raw)
        self._refusals.put(Turned(protocol.name, station, identity, address, reason, detail[:300], frame, now, now))

    def _topic(self, connection: Connection) -> str:
        return f"field/{connection.protocol.name}/{connection.identity or connection.peer}"

    def _token(self, connection: Connection, own: int) -> int:
        if not own:
            return 0
        number = next(self._numbers)
        self._tokens[number] = connection, own
        return number


def _order(connection: Connection) -> str:
    return f"{connection.station}|{connection.peer}"
