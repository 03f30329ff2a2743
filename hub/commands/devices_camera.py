"""The set-up of a camera that `hub devices add` registers: read whole before anything is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hub.commands.app import WrongUse
from hub.commands.patrol_camera import Setup, read_camera_file, source_of
from hub.pictures import Source
from hub.settings import Settings
from vision.camera import CameraConfig, write_camera


@dataclass(frozen=True, slots=True)
class CameraSetup:
    """A camera with its source and, where the file draws one, its site."""

    station: str
    source: Source
    config: CameraConfig | None

    @classmethod
    def read(cls, path: Path | None, station: str) -> Self | None:
        """The set-up in a file; None without one.

        Raises:
            WrongUse: the device is no camera.
            ConfigError: every mistake of the file, with its line.
        """
        if path is None:
            return None
        if station.split("/")[1:2] != ["camera"]:
            raise WrongUse(f"--camera: {station} is no camera; expected DEPT/camera/DEVICE")
        told = read_camera_file(path)
        config = Setup(path, told).of(station) if told.fields else None
        return cls(station, source_of(path, told), config)

    @property
    def body(self) -> str:
        """The site as the records hold it."""
        return "" if self.config is None else write_camera(self.config).decode()

    def check(self, settings: Settings) -> None:
        """Hold it to the settings it is to be worked with.

        Raises:
            WrongUse: its password is not named in them.
        """
        known = settings.patrol.passwords
        if self.source.password and self.source.password not in known:
            names = ", ".join(sorted(known)) or "none is there"
            raise WrongUse(f"source.password {self.source.password!r}: expected a name in [patrol.passwords] ({names})")

    def __str__(self) -> str:
        site = "no site yet" if self.config is None else "in metres" if self.config.calibrated else "in per cent"
        return f"{site}, pictures {self.source.url or 'sent by itself'}"
