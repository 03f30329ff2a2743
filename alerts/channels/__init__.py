"""The channels: one file each, found by being here."""

import importlib
import pkgutil
from collections.abc import Iterable

from alerts.channel import Channel
from hub.settings import Settings


def discover() -> list[type[Channel]]:
    """The channel class of every module in this folder, by name of the module.

    Raises:
        ImportError: a module cannot be imported, or holds no class, or several, with `kind` and `send`.
    """
    found: list[type[Channel]] = []
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        own = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
        channels = [each for each in own if hasattr(each, "kind") and hasattr(each, "send")]
        if len(channels) != 1:
            raise ImportError(f"{module.__name__}: expected one channel class, found {len(channels)}")
        found.append(channels[0])
    return found


def open_channels(settings: Settings, kinds: Iterable[type[Channel]] | None = None) -> dict[str, Channel]:
    """Every channel, made from the settings, by its kind.

    Raises:
        ConfigError: a secret that the settings name cannot be read.
    """
    return {each.kind: each(settings) for each in (discover() if kinds is None else kinds)}
