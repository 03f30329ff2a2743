"""A lock that one process of a machine holds, and that its death releases."""

import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Final

# POSIX record locks belong to the process, so that a forked child does not keep them alive; inside one process they do not
# exclude anybody, hence the set.
_held: Final[set[Path]] = set()
_guard: Final = threading.Lock()


class FileLock:
    """A lock by the name of a file, held by at most one holder on the machine."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this lock is held by this object."""
        return self._handle is not None

    def acquire(self, timeout: float = 0.0) -> bool:
        """Whether the lock is held now, having tried for up to `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def release(self) -> None:
        """Let go; nothing happens when it is not held."""
        with _guard:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
                _held.discard(self._path)

    def holder(self) -> str:
        """The process id that the holder left in the file, for messages."""
        with _guard:
            if self._path in _held:
                return str(os.getpid())
            try:
                return self._path.read_text("ascii", "replace").strip() or "?"
            except OSError:
                return "?"

    def _try(self) -> bool:
        with _guard:
            if self._path in _held:
                return False
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                return False
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            self._handle = handle
            _held.add(self._path)
            return True
