"""Which field protocols are listened for, and where, as `[field.listen]` says it."""

from hub.errors import ConfigError, Fault
from hub.settings import Settings
from hub.toml_lines import line_of
from ingest.protocols import protocol_names

_HIGHEST_PORT = 65_535


def listener_faults(settings: Settings, file: str = "hub.toml", text: str = "") -> list[Fault]:
    """Every mistake of the section; `text` is the file's, for the line."""
    faults = []
    for name, address in settings.field.listen.items():
        host, colon, port = address.rpartition(":")
        if name not in protocol_names():
            problem = f"no such protocol; expected one of {', '.join(protocol_names())}"
        elif not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > _HIGHEST_PORT:
            problem = f'{address!r}: expected HOST:PORT such as "0.0.0.0:9212"'
        else:
            continue
        line = line_of(text, ("field", "listen", name))
        faults.append(Fault(file, line, f"field.listen.{name}", problem))
    return faults


def listeners(settings: Settings) -> dict[str, tuple[str, int]]:
    """Host and port of each protocol that is listened for.

    Raises:
        ConfigError: all mistakes.
    """
    if faults := listener_faults(settings):
        raise ConfigError(faults)
    found = {}
    for name, address in settings.field.listen.items():
        host, _, port = address.rpartition(":")
        found[name] = host.strip("[]"), int(port)
    return found
