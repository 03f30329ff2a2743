"""The load as the bench holds it: a process, how far it is, and how far it may go."""

import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

import msgspec

from benchmarks.load import Alarm, Progress

_START = Progress(0, 0, 0.0, 0.0, 0.0)


class LoadFailed(RuntimeError):
    """The load ended before all its messages were acknowledged."""


class Load:
    """A running load; see `benchmarks.load` for what it does. `limit` None: nothing holds it back."""

    def __init__(
        self,
        port: int,
        messages: int,
        *,
        rate: float = 0.0,
        window: int = 1000,
        limit: int | None = None,
        alarm_every: float = 0.0,
        client_id: str = "bench-load",
    ) -> None:
        options = {"port": port, "messages": messages, "rate": rate, "window": window, "alarm-every": alarm_every}
        command = [sys.executable, "-m", "benchmarks.load", "--client-id", client_id]
        command += [word for name, value in options.items() for word in (f"--{name}", f"{value}")]
        command += [] if limit is None else ["--limit", str(limit)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._grown = threading.Condition()
        self._seen: list[Progress] = []
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def now(self) -> Progress:
        """Its last word."""
        return self._seen[-1] if self._seen else _START

    @property
    def alarms(self) -> list[Alarm]:
        """Every alarm it has sent."""
        return [alarm for progress in list(self._seen) for alarm in progress.alarms]

    @property
    def slowest(self) -> float:
        """The longest wait for an acknowledgement so far, seconds."""
        return max((progress.slowest for progress in list(self._seen)), default=0.0)

    def allow(self, upto: int) -> None:
        """Let it go up to this message."""
        self._say(f"{upto}\n")

    def stop(self) -> Progress:
        """Let it end with what it has sent; its last word."""
        self._say("stop\n")
        return self.finish()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after at most this time."""
        with self._grown:
            return self._grown.wait_for(lambda: self._ended, seconds)

    def finish(self, seconds: float = 3600.0) -> Progress:
        """Its last word, once it has ended.

        Raises:
            LoadFailed: it failed, or takes longer than that.
        """
        if not self.wait(seconds) or not self.now.done:
            raise LoadFailed(f"the load stands at {self.now}")
        return self.now

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            self.wait(5.0)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._note(msgspec.json.decode(line, type=Progress))
        with self._grown:
            self._ended = True
            self._grown.notify_all()

    def _note(self, progress: Progress) -> None:
        with self._grown:
            self._seen.append(progress)
            self._grown.notify_all()
