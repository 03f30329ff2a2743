"""Starting, watching and killing other processes on the bus."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bus.engine import Engine
from tests.engines.waiting import wait_until

_ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A module run with the output in a file that may be read while it runs."""

    def __init__(self, output: Path, module: str, *arguments: str) -> None:
        self.output = output
        with output.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd=_ROOT,
            )

    def lines(self) -> list[str]:
        """Every whole line so far."""
        return self.output.read_text(errors="replace").rpartition("\n")[0].splitlines()

    def numbers(self) -> list[int]:
        """The numbers among the lines."""
        return [int(line) for line in self.lines() if line.isdigit()]

    def wait_for(self, count: int, deadline: float = 40.0) -> None:
        """Wait until the output holds `count` numbers."""
        wait_until(lambda: len(self.numbers()) >= count or self.code() is not None, deadline, f"{count} numbers")
        assert len(self.numbers()) >= count, self.output.read_text(errors="replace")

    def code(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.poll()

    def wait(self, deadline: float = 40.0) -> int:
        """The exit status once it has ended."""
        return self._process.wait(deadline)

    def kill(self) -> None:
        """End it by kill -9."""
        self._process.kill()
        self._process.wait()

    def end(self, deadline: float = 20.0) -> int:
        """Ask it to end, and wait."""
        self._process.terminate()
        return self._process.wait(deadline)


@contextmanager
def worker(engine: Engine, output: Path, what: str, *arguments: str) -> Iterator[Process]:
    """`tests.bus.worker` on an engine; killed at the end of the block if it still runs."""
    process = Process(output, "tests.bus.worker", what, engine.url, str(engine.data), *arguments)
    try:
        yield process
    finally:
        process.kill()
