"""What is asked of devices: commands from the bus, each given to its device's connection once, every step told on the bus.

A command waits for its device until it expires. After a restart the two topics tell what still waits; what had gone out and was not ended then is ended as
failed, because nobody can know what the device made of it.
"""

import logging
from collections.abc import Callable
from typing import Final

from hub.bus import Bus, Consumer, Message
from hub.command import ENDED, Command, CommandAnswer, State, decode_answer, decode_command, encode_command
from hub.errors import CorruptRecord
from hub.topics import ANSWERS, COMMANDS

_LOG: Final = logging.getLogger(__name__)
_MOST_WAITING: Final = 100
"""Commands that may wait for one device."""


class CommandDesk:
    """`say` appends to the bus with the next flush; `now` is epoch ms."""

    def __init__(self, bus: Bus, say: Callable[[Message], None]) -> None:
        self._say = say
        self._waiting: dict[str, list[Command]] = {}
        self._going: dict[str, Command] = {}
        self._consumer: Consumer = bus.consumer(None, [COMMANDS])
        self._end = bus.ends(COMMANDS).get(0, 0)
        self._states = _last_states(bus)

    def poll(self, timeout: float, now: int) -> list[Command]:
        """New commands, those that nobody needs any more left out; blocks up to `timeout` seconds."""
        found: list[Command] = []
        for record in self._consumer.poll(timeout):
            try:
                command = decode_command(record.value or b"")
            except CorruptRecord as error:
                _LOG.warning("a record of %s was passed over: %s", COMMANDS, error)
                continue
            state = self._states.pop(command.id, None) if record.offset < self._end else None
            if state in ENDED:
                continue
            if state in ("sent", "accepted"):
                self.answer(command, "failed", now, "the process that had sent it was started anew")
            elif command.expires <= now:
                self.answer(command, "expired", now)
            else:
                found.append(command)
        return found

    def wait(self, command: Command, now: int) -> None:
        """Keep a command until its device calls."""
        waiting = self._waiting.setdefault(command.station, [])
        if len(waiting) >= _MOST_WAITING:
            self.answer(command, "refused", now, f"{_MOST_WAITING} commands wait for {command.station} already")
            return
        waiting.append(command)
        self.answer(command, "queued", now, "waits for the device to call")

    def claim(self, station: str) -> list[Command]:
        """What waited for this device, oldest first."""
        return self._waiting.pop(station, [])

    def begin(self, command: Command) -> None:
        """The command goes to its device's connection now."""
        self._going[command.id] = command

    def progress(
        self, command: str, station: str, state: State, now: int, detail: str, values: dict[str, object]
    ) -> None:
        """A step that the connection reports; of commands nobody gave (a backfill the session began itself) too."""
        if state in ENDED:
            self._going.pop(command, None)
        self._tell(CommandAnswer(command, state, now, station, detail, values))

    def lost(self, station: str, now: int) -> None:
        """The device's connection is gone with commands on it."""
        for command in [one for one in self._going.values() if one.station == station]:
            self.answer(command, "failed", now, "the connection ended before the device answered")

    def sweep(self, now: int) -> None:
        """End what waited too long."""
        for station, waiting in list(self._waiting.items()):
            for command in [one for one in waiting if one.expires <= now]:
                waiting.remove(command)
                self.answer(command, "expired", now)
            if not waiting:
                del self._waiting[station]

    def answer(
        self, command: Command, state: State, now: int, detail: str = "", values: dict[str, object] | None = None
    ) -> None:
        """One step of a command."""
        if state in ENDED:
            self._going.pop(command.id, None)
        self._tell(CommandAnswer(command.id, state, now, command.station, detail, values or {}))

    def close(self) -> None:
        """Read no more."""
        self._consumer.close()

    def _tell(self, answer: CommandAnswer) -> None:
        self._say(Message(ANSWERS, answer.command.encode(), encode_command(answer), time=answer.time))


def _last_states(bus: Bus) -> dict[str, State]:
    """The newest state of every command the topic still holds."""
    end = bus.ends(ANSWERS).get(0, 0)
    states: dict[str, State] = {}
    reader = bus.consumer(None, [ANSWERS])
    try:
        read = 0
        while read < end and (records := reader.poll(5.0)):
            for record in records:
                read = record.offset + 1
                try:
                    answer = decode_answer(record.value or b"")
                except CorruptRecord:
                    continue
                states[answer.command] = answer.state
    finally:
        reader.close()
    return states
