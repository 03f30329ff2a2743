"""Password and ACL files for Mosquitto, made from the register: the same rules as `ingest.access`, kept by another
broker.

`mosquitto.conf` names them as `password_file` and `acl_file`, with `allow_anonymous false`; after a change Mosquitto
reads them again on SIGHUP.
"""

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub.catalogue import Catalogue, Device
from hub.files import write_private
from hub.secret import hash_secret

PASSWORDS: Final = "passwords"
RULES: Final = "acl"
_MESSAGES: Final = ("telemetry", "position", "frame", "frame/+", "event", "status", "response")


def password_file(devices: Iterable[Device], hub_user: str, hub_hash: str) -> str:
    """One `user:hash` line per enabled device with a secret, and one for the hub."""
    lines = [f"{hub_user}:{hub_hash}"]
    lines += [f"{device.station}:{device.secret_hash}" for device in devices if device.enabled and device.secret_hash]
    return "\n".join(lines) + "\n"


def acl_file(devices: Iterable[Device], hub_user: str) -> str:
    """What each user may read and write.

    Mosquitto 2.0 has no rule that takes back what another gave, so the messages are named one by one: a device may not
    write its own `command`.
    """
    sections = [f"user {hub_user}\ntopic readwrite #\n"]
    for device in devices:
        if not device.enabled or not device.secret_hash:
            continue
        owned = f"{device.station.split('/')[0]}/+/+" if device.gateway else device.station
        rules = [f"topic write hub/{owned}/{message}" for message in _MESSAGES]
        sections.append("\n".join([f"user {device.station}", *rules, f"topic read hub/{owned}/command"]) + "\n")
    return "\n".join(sections)


def write_mosquitto_files(
    folder: Path, devices: Iterable[Device], hub_user: str, hub_password: str, pid: int | None = None
) -> None:
    """Write `passwords` and `acl` in one step each; `pid` is a Mosquitto that is told to read them again."""
    listed = sorted(devices, key=lambda device: device.station)
    _replace(folder / PASSWORDS, password_file(listed, hub_user, hash_secret(hub_password)))
    _replace(folder / RULES, acl_file(listed, hub_user))
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):  # it is away, and reads the files when it starts
            os.kill(pid, signal.SIGHUP)


class MosquittoFiles:
    """Keeps the two files in step with the register; `pid_file` names a Mosquitto on this machine that is told to read them again."""

    def __init__(self, folder: Path, hub_user: str, hub_password: str, pid_file: Path | None = None) -> None:
        self._folder = folder
        self._user = hub_user
        self._password = hub_password
        self._pid_file = pid_file
        self._version: int | None = None

    def follow(self, catalogue: Catalogue) -> bool:
        """Write both files when the catalogue has changed since the last time; whether it had."""
        if catalogue.version == self._version:
            return False
        self.write(catalogue.devices.values())
        self._version = catalogue.version
        return True

    def write(self, devices: Iterable[Device]) -> None:
        """Write both files for these devices."""
        write_mosquitto_files(self._folder, devices, self._user, self._password, self._pid())

    def _pid(self) -> int | None:
        try:
            return None if self._pid_file is None else int(self._pid_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    write_private(fresh, text)
    fresh.replace(path)
