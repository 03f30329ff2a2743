"""Frames out of a stream that is cut anywhere: one flag may end a frame and begin the next; what is no frame is told apart, not waited for."""

from typing import Final

from ingest.protocols.jt808.frame import MOST_FRAME

_FLAG: Final = b"\x7e"


class Framer:
    """Holds at most one unfinished frame, never more than the longest there can be."""

    def __init__(self) -> None:
        self._held = b""
        self._inside = False

    @property
    def pending(self) -> bytes:
        """What has come of a frame that is not finished, without its flag; empty when nothing waits."""
        return self._held

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """The frames that are whole now, each as it stood between its flags, and the bytes that belong to none."""
        pieces = (self._held + data).split(_FLAG)
        noise = b""
        if not self._inside:
            if len(pieces) == 1:
                return [], data
            noise = pieces.pop(0)
            self._inside = True
        self._held = pieces.pop()
        frames = []
        for piece in pieces:
            if len(piece) > MOST_FRAME:
                noise += piece
            elif piece:
                frames.append(piece)
        if len(self._held) > MOST_FRAME:
            # No frame is so long: its end was lost, and whatever comes before the next flag is of no use.
            noise, self._held, self._inside = noise + self._held, b"", False
        return frames, noise

    def drop(self) -> bytes:
        """Give up the unfinished frame; the bytes it had."""
        held, self._held, self._inside = self._held, b"", False
        return held
