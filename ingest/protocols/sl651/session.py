"""One connection of SL 651-2014 stations: who calls, what is taken and answered once it is durable, what is asked (6.3)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.command import Command
from ingest.codec import Taken
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
from ingest.protocols.sl651.asking import KEEP, RELEASE
from ingest.protocols.sl651.caller import Caller, Unwelcome, who
from ingest.protocols.sl651.exchange import Asker
from ingest.protocols.sl651.fields import body_of, without_secrets
from ingest.protocols.sl651.framer import Framer
from ingest.protocols.sl651.memory import Key, Memory, key_of
from ingest.protocols.sl651.parts import Parts, Reassembly
from ingest.protocols.sl651.replies import ask_again, confirmation
from ingest.protocols.sl651.sorting import Sorted, serial_of, sort, whole
from ingest.protocols.sl651.wire import ETB, SYN, Frame

PART_MS = 60_000
"""How long the rest of a frame, or the packets of a split message, may be waited for."""
LINK_KEEPING = 0x2F
_MOST_UNWELCOME = 5


@dataclass(slots=True)
class Answer:
    """What is owed to a station once `left` deliveries are durable; `frame` is what it sent (of a split message the first packet)."""

    frame: Frame
    serial: int
    caller: Caller
    key: Key | None
    left: int = 0
    copies: int = 1
    """How often the same message came before it was durable: each is confirmed."""
    ends: bool = False
    """Whether the query under way ends with it."""
    shown: dict[str, object] = field(default_factory=dict)


class Sl651Session:
    """Pure; `memory` is shared by all connections of the process."""

    def __init__(self, memory: Memory, line: Line) -> None:
        self._memory, self._line = memory, line
        self._framer = Framer()
        self._parts = Reassembly(PART_MS)
        self._asker = Asker()
        self._owed: dict[int, Answer] = {}
        self._tokens = itertools.count(1)
        self._caller: Caller | None = None
        self._last: Frame | None = None
        self._partial: int | None = None
        self._unwelcome = 0

    def received(self, data: bytes, now: int) -> Sequence[Action]:
        """Bytes as they came: any cut, any number of frames."""
        actions: list[Action] = []
        for piece in self._framer.feed(data):
            if piece.frame is not None:
                actions += self._frame(piece.frame, piece.raw, now)
            elif piece.error is not None:
                actions.append(self._reject(piece.error, piece.raw))
        self._partial = now + PART_MS if len(self._framer) else None
        return [*actions, *self._ask(now)]

    def durable(self, token: int, now: int) -> Sequence[Action]:
        """The record of this token is on the bus: what it was the last of is confirmed."""
        answer = self._owed.pop(token, None)
        if answer is None:
            return []
        answer.left -= 1
        return [*self._answer(answer, now), *self._ask(now)] if not answer.left else []

    def command(self, command: Command, now: int) -> Sequence[Action]:
        """Something is asked of the station."""
        if self._caller is None or self._last is None:
            return [Progress(command.id, "failed", "the station has not said who it is")]
        if command.name in (KEEP, RELEASE):
            self._caller.known.keep = command.name == KEEP
            return [
                Progress(
                    command.id,
                    "done",
                    "confirmations end with ESC" if command.name == KEEP else "confirmations end with EOT",
                )
            ]
        return [*self._asker.put(command, self._caller.zone), *self._ask(now)]

    def tick(self, now: int) -> Sequence[Action]:
        """Time-outs of queries, of split messages and of frames that stopped in the middle."""
        actions = self._asker.tick(now)
        for parts in self._parts.overdue(now):
            actions += self._chase(parts, now)
        if self._partial is not None and self._partial <= now:
            self._partial, piece = None, self._framer.drop()
            if piece is not None and piece.error is not None:
                actions.append(self._reject(piece.error, piece.raw))
        return [*actions, *self._ask(now)]

    def next_tick(self) -> int | None:
        """When a time-out is next, epoch ms."""
        return min(
            (due for due in (self._asker.due(), self._parts.due(), self._partial) if due is not None), default=None
        )

    def closed(self, now: int) -> Sequence[Action]:
        """The connection is gone: what was begun is told."""
        actions = [self._incomplete(parts) for parts in self._parts.drain()]
        piece = self._framer.drop()
        if piece is not None and piece.error is not None:
            actions.append(self._reject(piece.error, piece.raw))
        return [*actions, *self._asker.closed()]

    # --- what comes

    def _frame(self, frame: Frame, raw: bytes, now: int) -> list[Action]:
        if not frame.up:
            return [Seen(raw), Count("echo")]
        try:
            caller = who(frame, self._line, self._memory)
        except Unwelcome as unwelcome:
            return self._turn_away(unwelcome, raw, frame.station)
        actions: list[Action] = []
        self._unwelcome = 0
        if self._caller is None:
            self._caller = caller
            actions.append(Identify(caller.station, caller.identity, "2014 ASCII" if frame.ascii else "2014"))
        if caller.station == self._caller.station:
            self._last = frame
        if frame.start == SYN:
            self._asker.answered(frame.function, now)
            return [*actions, *self._packet(caller, frame, raw, now)]
        return [*actions, *self._message(caller, frame, frame, raw, now)]

    def _turn_away(self, unwelcome: Unwelcome, raw: bytes, identity: str) -> list[Action]:
        self._unwelcome += 1
        rejected = Reject(unwelcome.reason, unwelcome.detail, raw, unwelcome.station, identity=identity)
        actions: list[Action] = [rejected]
        if self._caller is None or self._unwelcome >= _MOST_UNWELCOME:
            actions.append(Close(f"{unwelcome.reason}: {unwelcome.detail}"))
        return actions

    def _packet(self, caller: Caller, frame: Frame, raw: bytes, now: int) -> list[Action]:
        parts, given_up = self._parts.put(frame, raw, now)
        actions: list[Action] = [*map(self._incomplete, given_up)]
        if any(parts is one for one in given_up):
            return actions
        if not parts.missing():
            self._parts.done(parts)
            return [*actions, *self._message(caller, parts.joined(), parts.first, parts.raw(), now)]
        return [*actions, Seen(raw), *(self._chase(parts, now) if parts.ended else ())]

    def _chase(self, parts: Parts, now: int) -> list[Action]:
        """Ask for a missing packet, or give the message up."""
        number = parts.ask()
        if not number:
            self._parts.done(parts)
            return [self._incomplete(parts)]
        parts.touched, parts.ended = now, False
        zone = self._caller.zone if self._caller else None
        return [Send(ask_again(parts.first, parts.serial(), number, zone, now)), Count("packets_asked_again")]

    def _message(self, caller: Caller, frame: Frame, replied: Frame, raw: bytes, now: int) -> list[Action]:
        """One whole message; `replied` is the frame that a confirmation answers."""
        try:
            message = whole(frame)
        except ProtocolError as error:
            token = (
                self._owe(Answer(replied, serial_of(frame), caller, None, 1)) if error.reason == "unsupported" else 0
            )
            return [Reject(error.reason, f"sl651 {frame.station}: {error.detail}", raw, caller.station, token)]
        answer = Answer(replied, message.serial, caller, key_of(frame))
        note = caller.clock_note(message.sent, now)
        seen = Seen(raw) if note is None else Deliver(caller.station, Taken(events=[note]), raw)
        if frame.function == LINK_KEEPING:
            return [seen]
        if not self._answers_query(answer, frame, now):
            if answer.key in caller.known.recent:
                return [seen, Count("duplicate"), *self._answer(answer, now)]
            if (same := self._owing(answer)) is not None:
                same.copies += 1
                return [seen, Count("duplicate")]
        if answer.ends:
            answer.shown = without_secrets(body_of(message, frame.function), frame.function)
        parts = sort(message, frame, caller, self._line, now)
        if note is not None:
            parts.add(caller.station, note)
        return self._deliver(answer, parts, raw, now)

    def _answers_query(self, answer: Answer, frame: Frame, now: int) -> bool:
        """Whether the query under way is answered; such a message is always taken, even where it says what was said before."""
        exchange = self._asker.answered(frame.function, now) if answer.caller.station == self._station else None
        if exchange is not None:
            answer.ends = exchange.ending = frame.end != ETB
        return exchange is not None

    def _deliver(self, answer: Answer, parts: Sorted, raw: bytes, now: int) -> list[Action]:
        if not parts.taken and not parts.lost:
            return [Seen(raw), *self._answer(answer, now)]
        actions: list[Action] = []
        for station, taken in parts.taken:
            picture = parts.picture if taken.picture is not None else b""
            actions.append(Deliver(station, taken, raw, self._owe(answer), picture))
            answer.left += 1
        for station, refused in parts.lost:
            actions.append(Reject(refused.reason, refused.detail, raw, station, self._owe(answer)))
            answer.left += 1
        return actions

    # --- what goes

    def _answer(self, answer: Answer, now: int) -> list[Action]:
        """Confirm what is durable now, and end the query that it answers."""
        if answer.key is not None:
            answer.caller.known.recent.append(answer.key)
        stay = answer.caller.known.keep or len(self._asker) > answer.ends
        reply = Send(confirmation(answer.frame, answer.serial, answer.caller.zone, now, stay=stay))
        actions: list[Action] = [reply] * answer.copies
        current = self._asker.current
        if answer.ends and current is not None:
            if current.command.name == "password.set":
                answer.caller.known.new_password = str(current.command.arguments["password"]).lower()
            actions += self._asker.end(lambda command: Progress(command, "done", values=answer.shown))
        return actions

    def _ask(self, now: int) -> list[Action]:
        """The next query, once nothing is owed to the station and no message is half way."""
        if self._caller is None or self._last is None or self._owed or len(self._parts):
            return []
        return self._asker.go(self._last, self._caller.zone, now)

    def _owing(self, answer: Answer) -> Answer | None:
        """What is owed for the same message already."""
        same = (
            one
            for one in self._owed.values()
            if one.key == answer.key and one.caller.identity == answer.caller.identity
        )
        return next(same, None)

    def _owe(self, answer: Answer) -> int:
        token = next(self._tokens)
        self._owed[token] = answer
        return token

    def _reject(self, error: ProtocolError, raw: bytes) -> Reject:
        named = f"sl651 {self._caller.identity}: " if self._caller else "sl651: "
        return Reject(error.reason, named + error.detail, raw, self._station)

    def _incomplete(self, parts: Parts) -> Action:
        detail = f"{len(parts.raws)} of {parts.first.total} packets came (SL 651-2014, 6.3.1.2 c)"
        return Reject("incomplete", f"sl651 {parts.first.station}: {detail}", parts.raw(), self._station)

    @property
    def _station(self) -> str:
        return self._caller.station if self._caller else ""
