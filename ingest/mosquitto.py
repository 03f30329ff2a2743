"""Password and ACL files for Mosquitto, made from the register: the same rules as `ingest.access`, kept by another
broker.

`mosquitto.conf` names them as `password_file` and `acl_file`, with `allow_anonymous false`; after a change Mosquitto
reads them again on SIGHUP.
"""

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub.catalogue import Device
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
        os.kill(pid, signal.SIGHUP)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    write_private(fresh, text)
    fresh.replace(path)
