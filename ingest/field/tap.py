"""The last frames of one device in both directions, as a field engineer wants to see them; secrets are blotted out before they come here."""

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

MOST_BYTES: Final = 6_144
"""What the frames of one device may hold together: thousands of devices are tapped all the time."""

Direction = Literal["in", "out", "refused"]


@dataclass(frozen=True, slots=True)
class Tapped:
    """One frame; `time` epoch ms, `length` of the whole frame where `data` is only its beginning, `why` it was refused."""

    time: int
    direction: Direction
    data: bytes
    length: int
    why: str = ""


class Tap:
    """Keeps the newest `most` frames, and no more than `MOST_BYTES` of them."""

    def __init__(self, most: int) -> None:
        self._frames: deque[Tapped] = deque(maxlen=most)
        self._size = 0

    def put(self, time: int, direction: Direction, data: bytes, why: str = "") -> None:
        """One more frame; of a long one the beginning."""
        if not self._frames.maxlen:
            return
        if len(self._frames) == self._frames.maxlen:
            self._drop()
        kept = data[: MOST_BYTES // 2]
        self._frames.append(Tapped(time, direction, kept, len(data), why))
        self._size += len(kept)
        while self._size > MOST_BYTES:
            self._drop()

    def frames(self) -> list[Tapped]:
        """Oldest first."""
        return list(self._frames)

    def take_over(self, other: "Tap") -> None:
        """What a caller sent before it had said who it is."""
        for frame in other.frames():
            self.put(frame.time, frame.direction, frame.data, frame.why)

    def _drop(self) -> None:
        self._size -= len(self._frames.popleft().data)
