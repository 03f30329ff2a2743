"""State of the stages as bytes and back: plain values and arrays, nothing that runs when it is read."""

import zlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

LARGEST: Final = 256_000_000
_TYPES: Final = {"|u1", "|b1", "<i8", "<i4", "<f4", "<f8"}


def pack(values: Mapping[str, Any]) -> bytes:
    """A mapping of plain values and arrays, deeply, as bytes; equal values give equal bytes."""
    return zlib.compress(msgspec.msgpack.encode(_plain(values)), 1)


def unpack(raw: bytes) -> dict[str, Any]:
    """The mapping in bytes of `pack`; arrays are writable copies.

    Raises:
        ValueError: bytes that `pack` did not write, or that would fill the memory.
    """
    try:
        reader = zlib.decompressobj()
        body = reader.decompress(raw, LARGEST)
        if not reader.eof:
            raise ValueError(f"state: expected a whole one of at most {LARGEST} bytes")
        values = msgspec.msgpack.decode(body)
        return {str(name): _array(value) for name, value in values.items()}
    except (zlib.error, msgspec.DecodeError, AttributeError, TypeError) as error:
        raise ValueError(f"state: expected what an export wrote ({error})") from error


def _plain(value: Any) -> Any:
    match value:
        case np.ndarray():
            array = np.ascontiguousarray(value)
            return {"": array.dtype.str, "shape": list(value.shape), "data": array.reshape(-1).view(np.uint8).data}
        case np.generic():
            return value.item()
        case Mapping():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value


def _array(value: Any) -> Any:
    match value:
        case {"": str(kind), "shape": list(shape), "data": bytes(data)}:
            if kind not in _TYPES:
                raise ValueError(f"state holds an array of {kind}: expected one of {', '.join(sorted(_TYPES))}")
            return np.frombuffer(data, kind).reshape(shape).copy()
        case dict():
            return {name: _array(part) for name, part in value.items()}
        case list():
            return [_array(part) for part in value]
        case _:
            return value
