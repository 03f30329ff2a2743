"""One device's TCP connection: bytes to its session, the session's actions to the gatherer; nothing here waits."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, cast

from hub.command import Command
from ingest.field.limits import Bucket
from ingest.field.session import (
    Action,
    Close,
    Count,
    Deliver,
    FieldProtocol,
    FieldSession,
    Identify,
    Progress,
    Reject,
    Seen,
    Send,
)
from ingest.field.tap import Direction, Tap

if TYPE_CHECKING:
    from ingest.field.switchboard import Switchboard

WRITE_MOST: Final = 262_144
"""Bytes that may wait for a device that reads nothing; then its connection is ended."""

TURN: Final = 2048
"""Bytes of one caller that are looked into before the others have their turn: what is no frame may be dear to look into."""

STRANGER_MOST: Final = 50
"""Frames that are refused of a caller who has not said who it is; then its connection is ended."""


class Connection(asyncio.Protocol):
    """Made for each caller by the listener of one protocol; `board` is what all connections share."""

    def __init__(self, protocol: FieldProtocol, board: "Switchboard") -> None:
        self.protocol = protocol
        self.board = board
        self.session: FieldSession | None = None
        self.transport: asyncio.Transport | None = None
        self.peer = ""
        self.station = ""
        self.identity = ""
        self.version = ""
        self.why_closed = ""
        self.opened = self.last_frame = 0
        self.bytes_in = self.bytes_out = self.frames = self.refused = 0
        self.counts: Counter[str] = Counter()
        self.last_error = ""
        self.tap: Tap | None = None
        self.wanted: int | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._held = False
        self._unread = b""
        self._queued = False
        self._sent_away = False

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        host, port = self.transport.get_extra_info("peername")[:2]
        self.peer = f"{host}:{port}"
        if reason := self.board.enter(self, host):
            self.why_closed = reason
            self.transport.abort()
            return
        now, monotonic, settings = self.board.clock.now(), self.board.clock.monotonic(), self.board.settings
        self.opened = now
        self._bytes = Bucket.full(settings.bytes_per_s, monotonic)
        self._frames = Bucket.full(settings.frames_per_s, monotonic)
        self.transport.set_write_buffer_limits(high=WRITE_MOST)
        self.session = self.protocol.open(self.board.line(host), now)
        self.hold(held=self.board.held)
        self.schedule()

    def data_received(self, data: bytes) -> None:
        if self.session is None or self.why_closed:
            return
        self.bytes_in += len(data)
        self._unread += data
        self._read_or_not()

    def pause_writing(self) -> None:
        """The device asks and asks and reads no answer."""
        self.end(f"{WRITE_MOST} bytes wait for a device that reads nothing", abort=True)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        if self.session is None:
            return
        session, self.session = self.session, None
        if not self.why_closed:
            self.why_closed = "the device ended it" if exc is None else f"it broke: {exc}"
            while self._unread and not self._look(session):
                pass
        self.perform(session.closed(self.board.clock.now()))
        self.board.leave(self)

    # --- what the switchboard calls

    def durable(self, token: int) -> None:
        """A record of this connection is on the bus."""
        if self.session is not None:
            self.perform(self.session.durable(token, self.board.clock.now()))

    def command(self, command: Command) -> None:
        """Something is asked of the device."""
        if self.session is not None:
            self.perform(self.session.command(command, self.board.clock.now()))

    def tick(self, now: int) -> None:
        """Time has come to what the session waited for."""
        if self.session is not None:
            self.perform(self.session.tick(now))

    def hold(self, *, held: bool) -> None:
        """Read nothing while the bus is away, so that the devices keep what they have."""
        self._held = held
        self._read_or_not()

    def end(self, reason: str, *, abort: bool = False) -> None:
        """End the connection; without `abort` what was written is sent first."""
        if self.transport is None or self.why_closed:
            return
        self.why_closed = reason
        if abort:
            self.transport.abort()
        else:
            self.transport.close()

    def schedule(self) -> None:
        """Tell the switchboard when the session wants to be called."""
        wanted = None if self.session is None else self.session.next_tick()
        if wanted is not None and wanted != self.wanted:
            self.board.call_at(wanted, self)
        self.wanted = wanted

    def listed(self) -> dict[str, Any]:
        """The connection as it is shown; times epoch ms."""
        return {
            "protocol": self.protocol.name,
            "version": self.version,
            "station": self.station,
            "identity": self.identity,
            "peer": self.peer,
            "opened": self.opened,
            "last_frame": self.last_frame,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "frames": self.frames,
            "refused": self.refused,
            "counts": dict(self.counts),
            "last_error": self.last_error,
            "resting": self._resting is not None,
        }

    # --- actions

    def perform(self, actions: Iterable[Action]) -> None:
        """Do what the session says, in order; what waits for a device that has just said who it is comes after its greeting."""
        known = self.station
        for action in actions:
            match action:
                case Send():
                    self._send(action)
                case Deliver():
                    self._took(action.raw)
                    self.board.deliver(self, action)
                case Reject():
                    self._refuse(action)
                case Seen():
                    self._took(action.raw)
                case Identify():
                    self.identity, self.version = action.identity, action.version
                    self.board.identify(self, action.station)
                case Progress():
                    self.board.progress(self, action)
                case Count():
                    self.counts[action.name] += action.number
                    self.board.counts[f"{self.protocol.name}.{action.name}"] += action.number
                case Close():
                    self.end(action.reason)
        if self.station != known:
            self.board.hand_waiting(self)
        self.schedule()

    def _send(self, action: Send) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(action.data)
        self.bytes_out += len(action.data)
        self._show("out", action.data if action.shown is None else action.shown)

    def _took(self, raw: bytes) -> None:
        self.frames += 1
        self.last_frame = self.board.clock.now()
        self._show("in", raw)

    def _refuse(self, action: Reject) -> None:
        if self._sent_away:
            return
        self.refused += 1
        self.last_error = f"{action.reason}: {action.detail}"[:300]
        self.identity = self.identity or action.identity
        self._show("refused", action.raw, self.last_error)
        self.board.reject(self, action)
        if not self.station and self.refused >= STRANGER_MOST:
            self._sent_away = True
            self.end(f"{self.refused} frames refused, and it has not said who it is", abort=True)

    def _show(self, direction: Direction, raw: bytes, why: str = "") -> None:
        if self.tap is None:
            self.tap = self.board.tap_of(self.station)
        self.tap.put(self.board.clock.now(), direction, self.protocol.masked(raw), why)

    def _take_turn(self) -> None:
        """Look into the next bytes; the rest waits until the others had their turn, or until this caller may go on."""
        self._queued = False
        if self.session is None or self.why_closed or self._held or self._resting is not None:
            return
        if wait := self._look(self.session):
            self.counts["rested"] += 1
            self._resting = asyncio.get_running_loop().call_later(wait, self._rested)
        self._read_or_not()

    def _look(self, session: FieldSession) -> float:
        """Give the session the bytes of one turn; for how many seconds the caller must rest then."""
        data, self._unread = self._unread[:TURN], self._unread[TURN:]
        before = self.frames + self.refused
        self.perform(session.received(data, self.board.clock.now()))
        monotonic = self.board.clock.monotonic()
        frames = self.frames + self.refused - before
        return max(self._bytes.take(len(data), monotonic), self._frames.take(frames, monotonic))

    def _rested(self) -> None:
        self._resting = None
        self._read_or_not()

    def _read_or_not(self) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if self._held or self._resting is not None or len(self._unread) > TURN:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()
        if self._unread and not self._queued:
            self._queued = True
            self.board.turns.ask(self._take_turn)
