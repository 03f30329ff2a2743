"""What a replay reads: which pictures, in which order, and when each was taken."""

import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.errors import CorruptRecord, HubError
from vision.frame import Image
from vision.replay.child import PICTURES
from vision.replay.wire import read

_EPOCH_MS: Final = re.compile(r"(?<!\d)(1\d{12})(?!\d)")


class NoPictures(HubError):
    """What was named holds nothing to look at."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When a picture was taken that does not say so itself: `start` (epoch ms) and the rate; without `fps` a video's own times, else 2 a second."""

    start: int
    fps: float | None = None

    def time(self, number: int, place_ms: int | None) -> int:
        """The time of picture `number` (from 0 on), which stands at `place_ms` of a video."""
        if self.fps is None and place_ms is not None:
            return self.start + place_ms
        return self.start + round(number * 1000 / (self.fps or 2.0))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture or, with a `fault`, why there is none; `data` are the bytes it came as, where it was a file of its own."""

    number: int
    name: str
    time: int
    bgr: Image | None = None
    data: bytes | None = None
    fault: str = ""


class Recording:
    """A picture, a folder of pictures or a video file.

    A name with 13 digits says when its picture was taken (epoch ms), where all names of the folder do; otherwise `clock` says it.

    Raises:
        NoPictures: there is no such file, or the folder holds no pictures.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        if not path.exists():
            raise NoPictures(f"{path}: no such file or folder")
        self._clock = clock
        self.paths = sorted(_pictures(path), key=lambda each: each.name) if path.is_dir() else [path]
        if not self.paths:
            raise NoPictures(f"{path}: no pictures in it; expected *.jpg, *.jpeg or *.png")
        self.video = not path.is_dir() and path.suffix.lower() not in PICTURES
        self._times = None if self.video else _times(self.paths)
        if self._times:
            order = sorted(range(len(self.paths)), key=lambda place: (self._times or [])[place])
            self.paths, self._times = [self.paths[one] for one in order], sorted(self._times)

    def pictures(self) -> Generator[Picture, None, None]:
        """Every picture in the order of time, decoded in a process of its own; one that ends that process is told as a fault, and the next is read."""
        following = 0
        while self.video or following < len(self.paths):
            with closing(self._some(following)) as some:
                for picture in some:
                    following = picture.number + 1
                    yield picture
                    if picture.fault and self.video:
                        return
            if self.video or following >= len(self.paths):
                return

    def _some(self, first: int) -> Generator[Picture, None, None]:
        """Pictures from number `first` on until the decoding process ends; the last is a fault if it died."""
        command = (sys.executable, "-m", "vision.replay.child", str(first))
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write("\n".join(str(path.absolute()) for path in self.paths).encode())
                process.stdin.close()
                number = first
                while (found := read(process.stdout)) is not None:
                    header, bgr = found
                    number = header.number + 1
                    yield self._picture(header.number, header.place_ms, bgr, header.fault)
                if process.wait():
                    yield self._picture(number, None, None, "decoding it ended the process that did it")
            except (CorruptRecord, BrokenPipeError) as error:
                yield self._picture(first, None, None, str(error))
            finally:
                process.kill()

    def _picture(self, number: int, place: int | None, bgr: Image | None, fault: str) -> Picture:
        path = self.paths[0 if self.video else min(number, len(self.paths) - 1)]
        time = self._times[number] if self._times and number < len(self._times) else self._clock.time(number, place)
        data = None if self.video or bgr is None else path.read_bytes()
        return Picture(number, path.name, time, bgr, data, fault)


def _pictures(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix.lower() in PICTURES]


def _times(paths: list[Path]) -> list[int] | None:
    found = [_EPOCH_MS.search(path.stem) for path in paths]
    times = [int(one[1]) for one in found if one]
    return times if len(times) == len(paths) == len(set(times)) else None
