"""`python -m vision.replay.child FIRST`: decodes what standard input names, one path a line, and writes pixels to standard output.

It runs by itself because a file can end whoever decodes it. Paths of pictures are read in order, beginning with number FIRST; a single video is read to its
end, its frames before FIRST left out.
"""

import os
import sys
from pathlib import Path
from typing import IO, Final

import av
import av.error
import numpy as np

from vision.decode.header import MOST_PIXELS, BadPicture
from vision.decode.still import decode_still
from vision.frame import Image, check_image
from vision.replay.wire import Header, write

PICTURES: Final = {".jpg", ".jpeg", ".png"}


def main() -> None:
    """Read the names, send what they hold."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come between the pictures
    paths = [Path(line) for line in sys.stdin.read().splitlines()]
    first = int(sys.argv[1])
    if len(paths) == 1 and paths[0].suffix.lower() not in PICTURES:
        _video(out, paths[0], first)
        return
    for number, path in enumerate(paths):
        if number >= first:
            _still(out, number, path)


def _still(out: IO[bytes], number: int, path: Path) -> None:
    try:
        bgr = decode_still(path.read_bytes())
    except OSError as error:
        write(out, Header(number, fault=f"cannot be read: {error.strerror}"))
        return
    except BadPicture as bad:
        write(out, Header(number, fault=f"{bad.fault}: {bad.detail}"))
        return
    write(out, Header(number, None, bgr.shape[1], bgr.shape[0]), bgr)


def _video(out: IO[bytes], path: Path, first: int) -> None:
    number = 0
    try:
        with av.open(str(path), timeout=(10.0, 10.0)) as container:
            if not container.streams.video:
                write(out, Header(first, fault="there is no video in it"))
                return
            container.streams.video[0].codec_context.options = {"max_pixels": str(MOST_PIXELS)}
            for frame in container.decode(video=0):
                if number >= first:
                    place = None if frame.time is None else round(frame.time * 1000)
                    _send(out, number, place, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
                number += 1
    except (OSError, ValueError, MemoryError, av.error.FFmpegError) as error:
        write(out, Header(max(first, number), fault=f"cannot be read on: {getattr(error, 'strerror', None) or error}"))


def _send(out: IO[bytes], number: int, place: int | None, bgr: Image) -> None:
    try:
        check_image(bgr)
    except ValueError as error:
        write(out, Header(number, place, fault=str(error)))
        return
    write(out, Header(number, place, bgr.shape[1], bgr.shape[0]), bgr)


if __name__ == "__main__":
    main()
