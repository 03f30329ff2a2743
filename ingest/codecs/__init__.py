"""The decoders, one module each, found by looking into this folder; how to add one: docs/howto/add-a-decoder.md."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from ingest.codec import Codec


@cache
def codecs() -> Mapping[str, Codec]:
    """Every decoder by the message it takes; a module without `MESSAGE` is read by another one."""
    found: dict[str, Codec] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        if not hasattr(module, "MESSAGE"):
            continue
        codec = cast("Codec", module)
        if codec.MESSAGE in found:
            raise ImportError(f"two decoders take {codec.MESSAGE!r}; the second is {module.__name__}")
        found[codec.MESSAGE] = codec
    return MappingProxyType(found)
