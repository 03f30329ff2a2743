"""`python -m vision.decode.child`: reads one camera's pictures and writes the newest to standard output, until its input closes.

The job, with the password in its URL, comes by standard input: arguments and environment can be read by others.
"""

import contextlib
import os
import resource
import sys
import threading
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Final

from hub.clock import Clock, SystemClock
from hub.lifeline import end_with_parent
from vision.decode.wire import Failed, Job, Taken, Word, frame, read_job

if TYPE_CHECKING:
    from vision.decode.stream import Live

RETRY_S: Final = 1.0
_MEMORY: Final = 3 << 30
"""Of addresses, not of memory: FFmpeg's libraries alone map several hundred megabytes."""


class Newest:
    """A place for one thing: what is not taken in time is replaced by what is newer."""

    def __init__(self) -> None:
        self._thing: Word | Live | None = None
        self._there = threading.Condition()

    def put(self, thing: "Word | Live") -> None:
        """Leave it, in place of what nobody took."""
        with self._there:
            self._thing = thing
            self._there.notify()

    def take(self) -> "Word | Live":
        """The newest thing, once there is one."""
        with self._there:
            while (thing := self._thing) is None:
                self._there.wait()
            self._thing = None
            return thing


def read_for_ever(job: Job, newest: Newest, clock: Clock, stop: threading.Event, chance: Random) -> None:
    """Read, and begin again a moment after each end."""
    from vision.decode.stream import StreamFault

    while not stop.is_set():
        try:
            for thing in _things(job, clock, stop):
                newest.put(thing)
        except StreamFault as fault:
            newest.put(Failed(fault.fault, fault.detail))
        stop.wait(RETRY_S * chance.uniform(0.8, 1.2))


def _things(job: Job, clock: Clock, stop: threading.Event) -> "Iterator[Word | Live]":
    if job.url.startswith("folder://"):
        from vision.decode.folder import folder_pictures

        return folder_pictures(job, clock, stop)
    from vision.decode.stream import stream_pictures

    return stream_pictures(job, clock, stop)


def write_for_ever(newest: Newest, longest: int) -> None:
    """Encode and write whatever is newest; a reader that is slow gets fewer pictures, never older ones."""
    encoder = None
    while True:
        thing = newest.take()
        if isinstance(thing, Taken | Failed):
            word: Word = thing
        else:
            from vision.decode.stream import JpegEncoder

            encoder = encoder or JpegEncoder(longest)
            word = encoder.picture(thing)
        sys.stdout.buffer.write(frame(word))
        sys.stdout.buffer.flush()


def main() -> None:
    """Read the job from standard input, then work until that closes."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    size = int.from_bytes(_exactly(4), "big")
    job = read_job(_exactly(size))
    end_with_parent()
    newest, stop = Newest(), threading.Event()
    reading = (job, newest, SystemClock(), stop, Random())  # noqa: S311 - jitter
    threading.Thread(target=read_for_ever, args=reading, name="read", daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        write_for_ever(newest, job.longest)


def _exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data


if __name__ == "__main__":
    main()
