"""How a reader learns of an append at once, in whichever process it happens: the writer rings, the reader's ear is a named pipe.

Ringing is one write of one byte into every pipe in the topic's folder; whoever is not listening costs nothing, and an idle reader sleeps in the
kernel. A reader looks for itself every quarter of a second too, so a lost ring costs that much and never a record.
"""

import contextlib
import os
import selectors
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Final

LOOK: Final = 0.25
"""Seconds after which a reader looks although nobody rang."""

_UNSETTLED: Final = 50_000_000
"""Nanoseconds in which a folder may change again without its time changing."""


class Bell:
    """Rings for one topic; used under the topic's write lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp = 0
        self._ears: dict[str, int] = {}

    def ring(self) -> None:
        """Wake every reader of the topic; never raises."""
        try:
            stamp = self._folder.stat().st_mtime_ns
            if stamp != self._stamp:
                self._find()
                self._stamp = stamp if time.time_ns() - stamp > _UNSETTLED else 0
        except OSError:
            return
        for name, handle in list(self._ears.items()):
            try:
                os.write(handle, b"!")
            except BlockingIOError:
                continue  # the pipe is full of rings already
            except OSError:
                os.close(self._ears.pop(name))

    def close(self) -> None:
        """Forget the ears."""
        for handle in self._ears.values():
            os.close(handle)
        self._ears.clear()
        self._stamp = 0

    def _find(self) -> None:
        names = {path.name for path in self._folder.iterdir() if not path.name.startswith(".")}
        for name in self._ears.keys() - names:
            os.close(self._ears.pop(name))
        for name in names - self._ears.keys():
            path = self._folder / name
            try:
                self._ears[name] = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:  # nobody reads it: its owner was killed
                path.unlink(missing_ok=True)


class Ears:
    """Listens for the bells of several topics."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._selector = selectors.DefaultSelector()
        self._pipes: list[Path] = []
        for folder in folders:
            with contextlib.suppress(OSError):  # a full disk: looking now and then must do
                self._open(folder)

    def handles(self) -> list[int]:
        """The file descriptors that become readable when a bell rings."""
        return [key.fd for key in self._selector.get_map().values()]

    def wait(self, timeout: float) -> None:
        """Return when a bell rings, at the latest after `timeout` seconds or a quarter of a second."""
        for key, _ in self._selector.select(min(timeout, LOOK)):
            self.hear(key.fd)

    def hear(self, handle: int) -> None:
        """Take what rang out of the pipe."""
        with contextlib.suppress(BlockingIOError):
            os.read(handle, 1 << 16)

    def close(self) -> None:
        """Stop listening."""
        for path in self._pipes:
            path.unlink(missing_ok=True)
        self._pipes.clear()
        for handle in self.handles():
            self._selector.unregister(handle)
            os.close(handle)
        self._selector.close()

    def _open(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        hidden = folder / f".{name}"
        os.mkfifo(hidden)
        # Opened before it gets its name: a bell that finds a pipe nobody reads removes it.
        handle = os.open(hidden, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        hidden.rename(folder / name)
        self._pipes.append(folder / name)
        self._selector.register(handle, selectors.EVENT_READ)
