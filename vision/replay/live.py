"""A stream's pictures as they come, read by a process of their own."""

import queue
from collections.abc import Generator
from random import Random

from hub.clock import Clock
from hub.pictures import CameraFault
from vision.decode.header import BadPicture
from vision.decode.reader import PictureReader
from vision.decode.still import decode_still
from vision.decode.wire import Job, Taken
from vision.replay.source import Picture

EVERY_S = 0.5
WAIT_S = 0.5


def live_pictures(url: str, seconds: float | None, clock: Clock, chance: Random) -> Generator[Picture, None, None]:
    """Pictures of a stream, two a second at most, until `seconds` are over (None: without end); faults come as pictures without pixels."""
    came: queue.SimpleQueue[Taken | str] = queue.SimpleQueue()
    reader = PictureReader(
        Job(url, every_s=EVERY_S, key_frames=False),
        came.put,
        lambda fault, detail: came.put(_words(fault, detail)),
        clock,
        chance,
    )
    end = None if seconds is None else clock.monotonic() + seconds
    number = 0
    reader.start()
    try:
        while end is None or clock.monotonic() < end:
            try:
                word = came.get(timeout=WAIT_S)
            except queue.Empty:
                continue
            yield _picture(number, word, clock)
            number += 1
    finally:
        reader.close()


def _words(fault: CameraFault, detail: str) -> str:
    return f"{fault}: {detail}"


def _picture(number: int, word: Taken | str, clock: Clock) -> Picture:
    if isinstance(word, str):
        return Picture(number, "stream", clock.now(), fault=word)
    try:
        return Picture(number, "stream", word.time, decode_still(word.jpeg), word.jpeg)
    except BadPicture as bad:
        return Picture(number, "stream", word.time, fault=str(bad))
