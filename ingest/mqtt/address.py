"""Where the broker is and as whom we come: `mqtt://user@host:1883`, `mqtts://host`, `embedded://127.0.0.1:1883`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from hub.errors import ConfigError, Fault

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883, "embedded": 1883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """One broker; `ca_file` names the authority that signed its certificate, None for the system's own list."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None


def broker_address(url: str, username: str, password: str | None, ca_file: Path | None = None) -> BrokerAddress:
    """The broker of `engines.mqtt`; a user name in the URL comes before `username`, and without a password nobody logs
    in.

    Raises:
        ConfigError: not such a URL.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise ConfigError([Fault("hub.toml", 0, "engines.mqtt", f"{url!r}: expected mqtt://host:port")]) from None
    user = unquote(parts.username) if parts.username else username
    return BrokerAddress(
        parts.hostname or "127.0.0.1",
        port,
        parts.scheme == "mqtts",
        user if password is not None or parts.username else None,
        password,
        ca_file,
    )
