"""The latest picture of each camera, and small ones of the last day for looking back: files, since they are replaced all the time.

Evidence is kept elsewhere and for ever known by its hash; what lies here is gone after a day and proves nothing.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

from hub.files import write_atomic
from hub.pictures import Shown

FOLDER: Final = "patrol"
DAY: Final = 86_400_000
MINUTE: Final = 60_000
EVERY: Final = 2 * MINUTE
"""Between two small pictures of a camera."""

View = Literal["plain", "boxes", "blurred"]
_HOUR: Final = 3_600_000
_NAME: Final = re.compile(r"\d+\.jpg")


class Pictures:
    """The folder; one process writes a camera's files, any may read them."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    def show(self, shown: Shown, pictures: dict[View, bytes]) -> None:
        """Replace what a camera last showed; without pictures only what is known of it."""
        folder = self._of(shown.station)
        for view, data in pictures.items():
            write_atomic(folder / f"{view}.jpg", data)
        write_atomic(folder / "shown.json", msgspec.json.encode(shown))

    def shown(self, station: str) -> Shown | None:
        """What a camera last showed, None when it never did."""
        try:
            return msgspec.json.decode((self._of(station) / "shown.json").read_bytes(), type=Shown)
        except (OSError, msgspec.DecodeError):
            return None

    def latest(self, station: str, view: View) -> bytes | None:
        """The latest picture as JPEG; None when there is none of this view."""
        try:
            return (self._of(station) / f"{view}.jpg").read_bytes()
        except OSError:
            return None

    def keep(self, station: str, time: int, jpeg: bytes) -> None:
        """Keep a small picture for the day."""
        write_atomic(self._of(station) / "day" / str(time // _HOUR) / f"{time}.jpg", jpeg)

    def day(self, station: str, start: int, end: int) -> Iterator[tuple[int, Path]]:
        """The small pictures taken in [start, end) with their times, oldest first."""
        hours = sorted(self._hours(station))
        for hour in hours:
            if not start // _HOUR <= hour <= end // _HOUR:
                continue
            names = sorted(path.name for path in self._hour(station, hour).glob("*.jpg") if _NAME.fullmatch(path.name))
            for time, name in ((int(name.removesuffix(".jpg")), name) for name in names):
                if start <= time < end:
                    yield time, self._hour(station, hour) / name

    def forget(self, station: str, before: int) -> int:
        """Delete the small pictures of hours that ended before a time; how many."""
        gone = 0
        for hour in self._hours(station):
            if (hour + 1) * _HOUR > before:
                continue
            for path in self._hour(station, hour).iterdir():
                path.unlink(missing_ok=True)
                gone += 1
            with suppress(OSError):
                self._hour(station, hour).rmdir()
        return gone

    def state_path(self, station: str) -> Path:
        """Where the pipeline of a camera keeps its state."""
        return self._of(station) / "state"

    def _hours(self, station: str) -> list[int]:
        folder = self._of(station) / "day"
        return [int(path.name) for path in folder.iterdir() if path.name.isdecimal()] if folder.is_dir() else []

    def _hour(self, station: str, hour: int) -> Path:
        return self._of(station) / "day" / str(hour)

    def _of(self, station: str) -> Path:
        # department/kind/device: none of the three may hold a slash, but a device may be called "..".
        return self.folder.joinpath(*(f"_{part}" for part in station.split("/")))
