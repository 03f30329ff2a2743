"""A folder that a camera puts its pictures into: those that are there in the order of their names, then each new one."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hub.clock import Clock
from hub.pictures import CameraFault
from vision.decode.header import BadPicture, check_still
from vision.decode.stream import StreamFault
from vision.decode.wire import Failed, Job, Taken

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})
_LOOK_S: Final = 0.25


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
            last = name
            yield _picture(folder / name, clock)
            if stop.wait(job.every_s):
                return
        if stop.wait(max(_LOOK_S, job.every_s)):
            return


def _picture(path: Path, clock: Clock) -> Taken | Failed:
    try:
        data = path.read_bytes()
        _, width, height = check_still(data)
    except OSError as error:
        return Failed(CameraFault.BAD_PICTURE, f"{path.name} cannot be read: {error.strerror}")
    except BadPicture as bad:
        return Failed(bad.fault, f"{path.name}: {bad.detail}")
    return Taken(clock.now(), width, height, data)
