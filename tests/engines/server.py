"""A real engine as a test holds it: started by its script in deploy/engines, on a free port, in a folder of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from tests.engines.ports import free_port

_SCRIPTS = Path(__file__).resolve().parents[2] / "deploy" / "engines"
_ATTEMPTS = 3  # another process may take a port between our look and the server's start


class EngineError(RuntimeError):
    """An engine's script failed; the text is what it said."""


class Server:
    """One engine on loopback. Its data outlives `kill`, `stop` and `restart`, and goes with `wipe`."""

    script: ClassVar[str]
    ports: ClassVar[int] = 1

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder

    @classmethod
    def missing(cls) -> str | None:
        """Why the engine cannot be started on this machine, or None."""
        try:
            _run(cls.script, "fetched")
        except EngineError as error:
            return str(error)
        return None

    @classmethod
    def launch(cls, files: Mapping[str, str] | None = None) -> Self:
        """A started server on a free port; `files` (name to text) are put into its folder first."""
        for attempt in range(1, _ATTEMPTS + 1):
            server = cls(free_port(cls.ports), _open_folder())
            for name, text in (files or {}).items():
                (server.folder / name).write_text(text)
            try:
                server.start()
            except EngineError:
                server.wipe()
                if attempt == _ATTEMPTS:
                    raise
            else:
                return server
        raise AssertionError("unreachable: the last attempt returns or raises")

    def start(self) -> None:
        """Start it on the data it has, and wait until it answers."""
        self._verb("start")
        self._verb("wait")
        self._started()

    def stop(self) -> None:
        """End it as an operator would, and wait until it is gone."""
        self._verb("stop")

    def kill(self) -> None:
        """End it by kill -9, children included."""
        self._verb("kill")

    def restart(self) -> None:
        """Stop, then start on the same port and data."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """End it and delete its folder."""
        self._verb("kill")
        shutil.rmtree(self.folder, ignore_errors=True)

    def signal(self, number: signal.Signals) -> None:
        """Send the server's process a signal, such as SIGSTOP to make it hang."""
        os.kill(self.pid, number)

    @property
    def pid(self) -> int:
        """The server's process number; FileNotFoundError when it is not started."""
        return int((self.folder / "pid").read_text().split()[0])

    @property
    def log(self) -> str:
        """What the server has written since its last start."""
        return (self.folder / "log").read_text(errors="replace")

    def _started(self) -> None:
        """Called after each start, for what an engine sets up through its own interface."""

    def _verb(self, verb: str, *more: str) -> None:
        _run(self.script, verb, str(self.port), str(self.folder), *self._arguments(), *more)

    def _arguments(self) -> tuple[str, ...]:
        return ()


def _run(script: str, *arguments: str) -> None:
    # A file, not a pipe, takes the output: a server started here would hold the pipe open for as long as it lives.
    with tempfile.TemporaryFile("w+") as output:
        command = [str(_SCRIPTS / f"{script}.sh"), *arguments]
        owned = {**os.environ, "ENGINE_OWNER": str(os.getpid())}
        # Never input: a script that asked something would hang a gate without a terminal.
        ended = subprocess.run(command, env=owned, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
        if ended.returncode:
            output.seek(0)
            raise EngineError(output.read().strip() or f"{script} {arguments[0]} ended with {ended.returncode}")


def _open_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="streamwarden-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user when the tests run as root
    return folder
