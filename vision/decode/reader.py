"""One camera's reading process and the thread that watches it: what hangs is killed, what dies is started again, nobody else waits."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from random import Random
from typing import IO, Final

from hub.clock import Clock
from hub.errors import CorruptRecord
from hub.pictures import CameraFault
from vision.decode.wire import Failed, Job, Taken, Unframer, frame

WAITS: Final = (0.2, 0.5, 1.0, 2.0)
"""Seconds before a process that died is started again; short, since a camera is to be back within 5 s."""

LONGEST_WAIT: Final = 30.0
"""For one that dies of every file it is given: the file will not get better."""

STARTING_S: Final = 6.0
_LOOK_S: Final = 0.2
_CHUNK: Final = 1 << 18


class PictureReader:
    """Reads one camera; `take` is given each picture, `tell` each fault and `refuse` what came that is no picture, from the reader's own thread.

    A process that gives neither picture nor fault for `stale_s` seconds is killed.
    """

    def __init__(
        self,
        job: Job,
        take: Callable[[Taken], None],
        tell: Callable[[CameraFault, str], None],
        clock: Clock,
        chance: Random,
        stale_s: float = 8.0,
        refuse: Callable[[bytes], None] | None = None,
    ) -> None:
        self._job, self._take, self._tell, self._clock, self._chance = job, take, tell, clock, chance
        self._refuse = refuse
        self._stale = max(stale_s, 3 * job.every_s)
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    @property
    def pid(self) -> int | None:
        """The reading process while it runs."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End the process and the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            well = self._once()
            failures = 0 if well else failures + 1
            self._stop.wait(self._wait(failures) * self._chance.uniform(0.8, 1.2))

    def _wait(self, failures: int) -> float:
        if self._job.url.startswith(("file://", "folder://")) and failures > len(WAITS):
            return min(LONGEST_WAIT, 2.0 ** (failures - len(WAITS)))
        return WAITS[min(failures, len(WAITS) - 1)]

    def _once(self) -> bool:
        """One process from start to end; whether it gave a picture."""
        process = subprocess.Popen(
            (sys.executable, "-m", "vision.decode.child"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # FFmpeg's own words name the URL, and a password may stand in it
        )
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(frame(self._job))
                process.stdin.flush()
            return self._listen(process, process.stdout)
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _listen(self, process: subprocess.Popen[bytes], pipe: IO[bytes]) -> bool:
        unframer, well = Unframer(), False
        limit = self._clock.monotonic() + STARTING_S + self._stale
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while not self._stop.is_set():
                if not selector.select(_LOOK_S):
                    if self._clock.monotonic() > limit:
                        self._tell(CameraFault.STALLED, f"no new picture for {self._stale:g} s")
                        return well
                    continue
                data = os.read(pipe.fileno(), _CHUNK)
                if not data:
                    self._ended(process)
                    return well
                try:
                    words = unframer.take(data)
                except CorruptRecord as error:
                    self._tell(CameraFault.CRASHED, str(error))
                    return well
                if words:
                    limit = self._clock.monotonic() + self._stale
                for word in words:
                    well = self._heard(word) or well
        return well

    def _heard(self, word: Taken | Failed) -> bool:
        if isinstance(word, Failed):
            self._tell(word.fault, word.detail)
            if word.data and self._refuse is not None:
                self._refuse(word.data)
            return False
        self._take(word)
        return True

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        status = process.wait()
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        self._tell(CameraFault.CRASHED, f"reading it ended the process with {name}")
