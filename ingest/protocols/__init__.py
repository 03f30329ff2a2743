"""The field protocols, one package each, found by looking into this folder; how to add one: docs/howto/add-a-protocol.md."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from ingest.field.session import FieldProtocol


@cache
def protocol_names() -> tuple[str, ...]:
    """The protocols there are, without loading any."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def load_protocols(names: tuple[str, ...] | None = None) -> Mapping[str, FieldProtocol]:
    """The `PROTOCOL` of each package named (None: of all), by name."""
    found = {}
    for name in protocol_names() if names is None else names:
        module = importlib.import_module(f"{__name__}.{name}")
        found[name] = cast("FieldProtocol", module.PROTOCOL)
    return MappingProxyType(found)
