"""One worker process as the role holds it: asked, waited for within bounds, killed and started again."""

import subprocess
import sys
import threading
from typing import IO, Final

from hub.errors import HubError
from hub.pictures import CameraFault
from processors.patrol.wire import Answer, Request, read_answer, write

PATIENCE_S: Final = 15.0
"""One answer; a picture takes a tenth of a second, a set-up loads the models."""

FIRST_S: Final = 60.0
"""The first answer of a new process, which loads OpenCV and the models on a machine that may be busy."""


_ALONE: Final = ("env", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MALLOC_ARENA_MAX=1")
"""A worker is one of several: threads of libraries would only take the processor from each other, and hold memory."""


class WorkerLost(HubError):
    """The worker died of a request, or took too long and was killed; `fault` says which."""

    def __init__(self, fault: CameraFault, detail: str) -> None:
        self.fault = fault
        super().__init__(detail)


class Worker:
    """Starts its process when it is first asked; after `WorkerLost` the next request starts another, which knows no camera."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The process, None while none runs."""
        return None if self._process is None else self._process.pid

    def ask(self, request: Request) -> Answer:
        """What comes of a request.

        Raises:
            WorkerLost: there is no process any more.
        """
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()
        patience = max(FIRST_S, self._patience) if not self._asked else self._patience
        watch = threading.Timer(patience, _kill, (process, late))
        watch.daemon = True
        watch.start()
        try:
            write(process.stdin, request)
            answer = read_answer(process.stdout)
        except BrokenPipeError:
            answer = None
        finally:
            watch.cancel()
        if answer is None:
            raise self._lost(process, late)
        self._asked += 1
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._end(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        self._asked, self.starts = 0, self.starts + 1
        command = (*_ALONE, sys.executable, "-m", "processors.patrol.worker")
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process

    def _lost(self, process: subprocess.Popen[bytes], late: threading.Event) -> WorkerLost:
        status = self._end(process)
        if late.is_set():
            return WorkerLost(CameraFault.TOO_SLOW, f"it took longer than {self._patience:g} s")
        return WorkerLost(CameraFault.CRASHED, f"it ended the process that looked at it (status {status})")

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        self._process = None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _shut(pipe)
        process.kill()
        return process.wait()


def _kill(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _shut(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return
