"""What a process that reads pictures and the one that watches it say to each other: a length of four bytes, then MessagePack."""

from typing import Final

import msgspec

from hub.errors import CorruptRecord
from hub.pictures import CameraFault

MOST_BYTES: Final = 16 << 20
"""Of one message; a picture is far smaller."""


class Job(msgspec.Struct, frozen=True, tag="job"):
    """What to read: `url` with its password, at most one picture in `every_s`, with longer sides made `longest` pixels."""

    url: str
    every_s: float = 1.0
    key_frames: bool = True
    longest: int = 1920


class Taken(msgspec.Struct, frozen=True, tag="taken"):
    """One picture as JPEG, and when it was taken (epoch ms)."""

    time: int
    width: int
    height: int
    jpeg: bytes


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """No picture, and why; the reader tries again by itself. `data` is what came in its place, where that is little enough to be kept."""

    fault: CameraFault
    detail: str = ""
    data: bytes = b""


Word = Taken | Failed

_encoder: Final = msgspec.msgpack.Encoder()
_words: Final = msgspec.msgpack.Decoder(Word)
_jobs: Final = msgspec.msgpack.Decoder(Job)


def frame(message: Job | Word) -> bytes:
    """The message with its length."""
    body = _encoder.encode(message)
    return len(body).to_bytes(4, "big") + body


def read_job(body: bytes) -> Job:
    """The job in a message.

    Raises:
        CorruptRecord: it is none.
    """
    try:
        return _jobs.decode(body)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not a job: {error}") from error


class Unframer:
    """Bytes as they come, messages as they end."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def take(self, data: bytes) -> list[Word]:
        """The messages that these bytes complete.

        Raises:
            CorruptRecord: what comes is no message of ours; the process that sends it is not to be listened to further.
        """
        self._buffer += data
        words: list[Word] = []
        while len(self._buffer) >= 4:
            size = int.from_bytes(self._buffer[:4], "big")
            if size > MOST_BYTES:
                raise CorruptRecord(f"a message of {size} bytes")
            if len(self._buffer) < 4 + size:
                break
            body = bytes(self._buffer[4 : 4 + size])
            del self._buffer[: 4 + size]
            try:
                words.append(_words.decode(body))
            except msgspec.DecodeError as error:
                raise CorruptRecord(f"not a picture: {error}") from error
        return words
