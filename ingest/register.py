"""The register as ingest sees it: the newest catalogue, and one entry per device made when it is first asked for."""

import threading
from typing import Protocol

from hub.catalogue import Catalogue, Change, Device
from hub.errors import Refused
from ingest.codec import Entry


class Followed(Protocol):
    """What the register asks of `hub.follow.CatalogueFollower`."""

    @property
    def version(self) -> int:
        """The newest version read."""

    def bring(self, catalogue: Catalogue, version: int | None = None) -> list[Change]:
        """Apply to `catalogue` what it lacks; the changes applied."""


class Register:
    """Follows the catalogue; new devices are known without a restart."""

    def __init__(self, follower: Followed) -> None:
        self._follower = follower
        self._catalogue = Catalogue()
        self._entries: dict[str, Entry] = {}
        self._lock = threading.Lock()
        self.refresh()

    @property
    def version(self) -> int:
        """The catalogue version in force."""
        return self._catalogue.version

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in force."""
        return self._catalogue

    def refresh(self) -> bool:
        """Take what has changed; whether anything has."""
        if self._follower.version == self._catalogue.version:
            return False
        with self._lock:
            if self._follower.bring(self._catalogue):
                self._entries.clear()
        return True

    def device(self, station: str) -> Device | None:
        """The device as it is registered now."""
        self.refresh()
        return self._catalogue.devices.get(station)

    def entry(self, station: str) -> Entry:
        """The device's entry.

        Raises:
            Refused: unknown_device, or not_allowed when the register has disabled it.
        """
        entry = self._entries.get(station)
        if entry is None:
            device = self._catalogue.devices.get(station)
            if device is None:
                raise Refused("unknown_device", f"{station} is not in the register")
            if not device.enabled:
                raise Refused("not_allowed", f"{station} is disabled in the register")
            entry = self._entries[station] = Entry(device, self._catalogue)
        return entry
