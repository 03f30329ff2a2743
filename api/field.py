"""Asking the process that holds the field devices' connections, over the bus, and waiting for what it says."""

import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from typing import Any, Final

from api.problem import Problem
from hub.bus import Bus, Message
from hub.clock import Clock
from hub.command import ENDED, Command, CommandAnswer, decode_answer, encode_command
from hub.errors import BusUnavailable, CorruptRecord
from hub.topics import ANSWERS, COMMANDS

WAIT_S: Final = 5.0
_POLL: Final = 0.25


class FieldExchange:
    """Puts commands on the bus; whoever asks a question of the process itself waits here for its answer.

    The thread that reads answers begins with the first question, so a hub without field devices pays nothing.
    """

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._waiting: dict[str, Future[CommandAnswer]] = {}
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def send(self, command: Command) -> None:
        """Put a command on the bus.

        Raises:
            BusUnavailable: it is not known to be there.
        """
        self._bus.append([Message(COMMANDS, command.station.encode(), encode_command(command), time=command.asked)])

    def ask(self, name: str, station: str = "", arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the process says to a question.

        Raises:
            Problem: `unavailable`: it said nothing for `WAIT_S` seconds.
        """
        self._start()
        now = self._clock.now()
        command = Command(uuid.uuid4().hex, name, now, now + int(WAIT_S * 1000), station, dict(arguments or {}))
        answer: Future[CommandAnswer] = Future()
        self._waiting[command.id] = answer
        try:
            self.send(command)
            return answer.result(WAIT_S).values
        except TooLong:
            detail = f"The part `field` did not answer within {WAIT_S:g} s; see /v1/health/ready"
            zh = f"现场协议接入进程 {WAIT_S:g} 秒内未应答"
            raise Problem("unavailable", detail, zh=zh, headers={"Retry-After": "5"}) from None
        finally:
            del self._waiting[command.id]

    def close(self) -> None:
        """Read no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                ends = self._bus.ends(ANSWERS)
                self._thread = threading.Thread(target=self._run, args=(ends,), name="field-answers", daemon=True)
                self._thread.start()

    def _run(self, ends: dict[int, int]) -> None:
        consumer = self._bus.consumer(None, [ANSWERS], lambda place: ends.get(place[1]))
        try:
            while not self._stop.is_set():
                try:
                    records = consumer.poll(_POLL)
                except BusUnavailable:
                    self._stop.wait(0.5)
                    continue
                for record in records:
                    self._take(record.value or b"")
        finally:
            consumer.close()

    def _take(self, value: bytes) -> None:
        try:
            answer = decode_answer(value)
        except CorruptRecord:
            return
        waiting = self._waiting.get(answer.command)
        if waiting is not None and answer.state in ENDED and not waiting.done():
            waiting.set_result(answer)
