"""One process that starts the parts of a hub, starts them again when they end, and ends them all within seconds."""

import contextlib
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

_log = logging.getLogger(__name__)

_GRACE: Final = 4.2
"""Seconds a part has to end by itself before it is killed; with the rest of the stop this stays under five."""

_WAITS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_CALM: Final = 60.0
"""A part that ran this long begins again with the shortest wait."""


@dataclass(slots=True)
class _Child:
    name: str
    command: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = field(default=0.0)


class Supervisor:
    """Keeps parts running; `tell` is called with a sentence when one ends unexpectedly."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._children: list[_Child] = []
        self._stop = threading.Event()

    def add(self, name: str, command: Sequence[str]) -> None:
        """A part and the command that runs it; its standard input is a pipe whose end tells it that we are gone."""
        self._children.append(_Child(name, tuple(command)))

    def request_stop(self) -> None:
        """Let `run` end; safe in a signal handler."""
        self._stop.set()

    def start(self) -> None:
        """Start every part that does not run."""
        for child in self._children:
            if child.process is None:
                self._launch(child)

    def run(self) -> None:
        """Start all and keep them running until asked to stop; then stop all."""
        previous = {number: signal.signal(number, self._asked) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.start()
            self.look_after_until_stopped()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def look_after_until_stopped(self) -> None:
        """Start parts again when they end, until asked to stop; then stop all."""
        try:
            while not self._stop.wait(0.2):
                for child in self._children:
                    self._look_after(child)
        finally:
            self.stop()

    def stop(self) -> None:
        """End all parts, in the order they were added, devices and ingest first; kill those that take longer than the grace."""
        running = [child for child in self._children if child.process is not None and child.process.poll() is None]
        for child in running:
            if child.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.terminate()
        deadline = time.monotonic() + _GRACE
        for child in running:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._tell(f"{child.name} did not end in {_GRACE:g} s and was killed")
                child.process.kill()
                child.process.wait()
            _let_go(child.process)

    def pids(self) -> dict[str, int]:
        """The process ids of the running parts."""
        return {child.name: child.process.pid for child in self._children if child.process is not None}

    def _asked(self, _number: int, _frame: object) -> None:
        self.request_stop()

    def _launch(self, child: _Child) -> None:
        child.process = subprocess.Popen(child.command, stdin=subprocess.PIPE)
        child.started = time.monotonic()
        _log.info("%s started as process %d", child.name, child.process.pid)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.again_at:
                self._launch(child)
            return
        status = child.process.poll()
        if status is None:
            return
        child.failures = 1 if now - child.started > _CALM else child.failures + 1
        wait = _WAITS[min(child.failures, len(_WAITS)) - 1]
        _let_go(child.process)
        child.process, child.again_at = None, now + wait
        self._tell(f"{child.name} ended with status {status}; starting it again in {wait:g} s")


def _let_go(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


def part_command(part: str, *where: str) -> tuple[str, ...]:
    """The command that runs one part of a hub."""
    return (sys.executable, "-m", "hub.roles", part, *where)
