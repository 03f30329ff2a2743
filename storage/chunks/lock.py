"""One writer a folder: a lock the system lets go of when the process ends, however it ends."""

import fcntl
import os
from pathlib import Path
from typing import Final

from hub.errors import StoreUnavailable

LOCK: Final = "series.lock"
"""The file that is locked, beside the store's."""


class WriterLock:
    """Held from construction to `release`."""

    def __init__(self, path: Path) -> None:
        """Take the lock at `path`.

        Raises:
            StoreUnavailable: another process, or another store in this one, holds it.
        """
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(self._file, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise StoreUnavailable(f"{path.parent} has a writer already (process {owner}); it takes one") from error
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._file)
