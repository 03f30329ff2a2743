"""The one thread that touches the store; it goes on trying while the disk is full."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from ingest.broker.journal import Batch
from ingest.broker.records import Entry
from ingest.broker.store import Store

RETRY_SECONDS = 0.5

Job = Callable[[], None]


class Writer:
    """Runs commits and read-backs in order; results go back through `call`, which must be safe from a thread.

    `trouble` is what the disk last said, empty while all is well.
    """

    def __init__(self, store: Store, call: Callable[[Job], None], committed: Job) -> None:
        self.trouble = ""
        self._store = store
        self._call = call
        self._committed = committed
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt-store", daemon=True)
        self._thread.start()

    def commit(self, batch: Batch) -> None:
        """Write the batch, then call `committed`."""
        self._jobs.put(lambda: self._commit(batch))

    def load(self, key: int, after: int, room: int, deliver: Callable[[list[Entry]], None]) -> None:
        """Read back, then call `deliver`."""
        self._jobs.put(lambda: self._load(key, after, room, deliver))

    def stop(self) -> None:
        """Finish what was asked and close the store; a disk that still refuses is given up on."""
        self._stopping.set()
        self._jobs.put(None)
        self._thread.join()
        self._store.close()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._persist(job)

    def _persist(self, job: Job) -> None:
        while True:
            try:
                job()
            except sqlite3.Error as error:
                self.trouble = str(error)
                if self._stopping.wait(RETRY_SECONDS):
                    self._drain()
                    return
            else:
                self.trouble = ""
                return

    def _drain(self) -> None:
        with contextlib.suppress(Empty):
            while self._jobs.get_nowait() is not None:
                continue
        self._jobs.put(None)

    def _commit(self, batch: Batch) -> None:
        self._store.commit(batch)
        self._call(self._committed)

    def _load(self, key: int, after: int, room: int, deliver: Callable[[list[Entry]], None]) -> None:
        entries = self._store.load(key, after, room)
        self._call(lambda: deliver(entries))
