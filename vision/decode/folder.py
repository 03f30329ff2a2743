"""A folder that a camera puts its pictures into: those that are there in the order of their names, then each new one."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hub.clock import Clock
from hub.pictures import CameraFault
from vision.decode.header import MOST_BYTES, MOST_KEPT, BadPicture, check_still
from vision.decode.stream import StreamFault
from vision.decode.wire import Failed, Job, Taken

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})
_LOOK_S: Final = 0.25
_WRITING_MS: Final = 2000
"""A file that changed a moment ago may still be on its way, as from a camera that uploads it."""


def folder_pictures(job: Job, clock: Clock, stop: threading.Event) -> Iterator[Taken | Failed]:
    """The folder's pictures, at most one in `every_s`; one that cannot be taken is told and passed over.

    Raises:
        StreamFault: the folder is not there.
    """
    folder = Path(job.url.removeprefix("folder://"))
    last = ""
    while not stop.is_set():
        try:
            names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        except OSError as error:
            raise StreamFault(CameraFault.UNREACHABLE, f"the folder cannot be read: {error.strerror}") from error
        fresh = [name for name in names if name > last]
        if not fresh:
            yield Failed(CameraFault.SILENT, "no new picture in the folder")
        for name in fresh:
            word = _picture(folder / name, clock)
            if isinstance(word, Failed) and _being_written(folder / name, clock):
                break
            last = name
            yield word
            if stop.wait(job.every_s):
                return
        if stop.wait(max(_LOOK_S, job.every_s)):
            return


def _picture(path: Path, clock: Clock) -> Taken | Failed:
    try:
        data = _read(path)
    except OSError as error:
        return Failed(CameraFault.BAD_PICTURE, f"{path.name} cannot be read: {error.strerror}")
    try:
        _, width, height = check_still(data)
    except BadPicture as bad:
        return Failed(bad.fault, f"{path.name}: {bad.detail}", data if len(data) <= MOST_KEPT else b"")
    return Taken(clock.now(), width, height, data)


def _being_written(path: Path, clock: Clock) -> bool:
    try:
        return 0 <= clock.now() - path.stat().st_mtime * 1000 < _WRITING_MS
    except OSError:
        return False


def _read(path: Path) -> bytes:
    """No more of a file than tells that it is too large: it may be a film with a picture's name."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
