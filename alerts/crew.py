"""A few threads that make tries to one receiver; they do not keep the process from ending."""

import queue
import threading
from collections.abc import Callable

Job = Callable[[], None]


class Crew:
    """Up to `size` threads, started as they are needed."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._lock = threading.Lock()

    def give(self, job: Job) -> None:
        """Do this as soon as a thread is free."""
        with self._lock:
            if not self._idle and len(self._threads) < self._size:
                thread = threading.Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
            else:
                self._idle -= 1
        self._jobs.put(job)

    def close(self) -> None:
        """Let every thread end after its job."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._lock:
                self._idle += 1
