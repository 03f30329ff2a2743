"""Commands on their way to one terminal: sent, repeated, answered, given up (JT/T 808-2013, 6.1.1)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from hub.command import Command
from ingest.field.session import Action, Progress, ProtocolError, Send
from ingest.protocols.jt808.message import Message
from ingest.protocols.jt808.orders import GENERAL, Order, ordered
from ingest.protocols.jt808.shown import shown_values

WAITS: Final = (10_000, 20_000, 60_000)
"""How long each try waits for its answer, ms: T(N+1) = T(N) x (N+1)."""

MOST: Final = 32

_RESULTS: Final = {1: ("failed", "the terminal says: failed"), 2: ("refused", "the terminal says: message wrong")}
_UNKNOWN: Final = ("refused", "the terminal says: not supported")

Pack = Callable[[int, bytes], list[tuple[int, bytes]]]
"""A message id and a body as frames on the wire, each with its serial number."""


@dataclass(slots=True)
class Outstanding:
    """One command that waits for its answer."""

    command: Command
    order: Order
    frames: list[tuple[int, bytes]]
    deadline: int
    tries: int = 1

    @property
    def last(self) -> int:
        """Serial number of its last frame."""
        return self.frames[-1][0]


class Downlink:
    """The commands of one connection."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._waiting: list[Outstanding] = []

    def start(self, command: Command, edition: int, crs: str, now: int) -> list[Action]:
        """Send what a command asks for, in the terminal's edition and datum."""
        if now >= command.expires:
            return [Progress(command.id, "expired", "it came to the connection too late")]
        if len(self._waiting) >= MOST:
            return [Progress(command.id, "failed", f"{MOST} commands already wait for this terminal")]
        try:
            order, body = ordered(command.name, command.arguments, edition, crs)
            frames = self._pack(order.message, body)
        except ProtocolError as error:
            return [Progress(command.id, "refused", error.detail)]
        self._waiting.append(Outstanding(command, order, frames, now + WAITS[0]))
        return [*(Send(data) for _, data in frames), Progress(command.id, "sent", f"0x{order.message:04x}")]

    def answered(self, message: Message, now: int) -> list[Action]:
        """What a terminal's message says of the command it answers; nothing when none waits for it."""
        values, kind = message.values, message.header.id
        if kind == GENERAL:
            return self._general(values["reply_serial"], values["result"], now)
        serial = values.get("reply_serial")
        for one in self._waiting:
            if one.order.answer == kind and serial in (None, *(number for number, _ in one.frames)):
                self._waiting.remove(one)
                return [Progress(one.command.id, "done", f"0x{kind:04x}", shown_values(values))]
        return []

    def _general(self, serial: int, result: int, now: int) -> list[Action]:
        one = next((one for one in self._waiting if serial in (number for number, _ in one.frames)), None)
        if one is None:
            return []
        if result in (0, 4):
            if one.order.answer != GENERAL:
                one.deadline = now + WAITS[-1]
                return [Progress(one.command.id, "accepted")]
            if serial != one.last:
                return []
            self._waiting.remove(one)
            return [Progress(one.command.id, "done")]
        self._waiting.remove(one)
        state, detail = _RESULTS.get(result, _UNKNOWN)
        return [Progress(one.command.id, "failed" if state == "failed" else "refused", detail)]

    def again(self, first: int, numbers: Iterable[int]) -> list[Action]:
        """Frames that the terminal asks for once more (0x0005): `first` is the serial number of the first, `numbers` count from 1."""
        for one in self._waiting:
            if one.frames[0][0] == first:
                wanted = [one.frames[number - 1] for number in numbers if 0 < number <= len(one.frames)]
                return [Send(data) for _, data in wanted]
        return []

    def tick(self, now: int) -> list[Action]:
        """Repeat what was not answered in time, or give it up."""
        actions: list[Action] = []
        for one in [one for one in self._waiting if now >= min(one.deadline, one.command.expires)]:
            if now >= one.command.expires:
                self._waiting.remove(one)
                actions.append(Progress(one.command.id, "expired", "no answer in time"))
            elif one.tries == len(WAITS):
                self._waiting.remove(one)
                actions.append(Progress(one.command.id, "failed", f"no answer after {one.tries} tries"))
            else:
                one.deadline = now + WAITS[one.tries]
                one.tries += 1
                actions += [Send(data) for _, data in one.frames]
                actions.append(Progress(one.command.id, "sent", f"try {one.tries}"))
        return actions

    def end(self) -> list[Action]:
        """The connection is gone: nothing of it will be answered."""
        ended, self._waiting = self._waiting, []
        return [Progress(one.command.id, "failed", "the connection ended before an answer") for one in ended]

    def next_tick(self) -> int | None:
        """When `tick` is wanted."""
        return min((min(one.deadline, one.command.expires) for one in self._waiting), default=None)
