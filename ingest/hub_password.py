"""The password with which the hub's own processes come to its broker."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from hub.config import read_secret
from hub.settings import Settings

FILE: Final = "ingest-password"


def hub_password(settings: Settings) -> str | None:
    """The one from the settings; with the embedded broker else one of our own, made once and kept in `DATA/ingest-
    password`.

    Raises:
        ConfigError: the settings name a secret that cannot be read.
    """
    if settings.ingest.password is not None:
        return read_secret(settings.ingest.password)
    if not settings.engines.mqtt.startswith("embedded:"):
        return None
    return _own(settings.hub.data / FILE)


def _own(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(24))
    # Of several processes that start at once the first one's password stands, and nobody reads half of one.
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    return path.read_text(encoding="utf-8")
