"""Reading JSON that may be wrong: a NaN beside good values must not cost the good ones."""

import json
import math
from typing import Any, Final

import msgspec

from hub.errors import Refused

_LENIENT_MARKS: Final = (b"NaN", b"Infinity")
_SHOWN: Final = 60


def read_json(payload: bytes) -> Any:
    """The document; NaN and Infinity, which JSON does not have, come as floats so that each can be refused where it
    stands.

    Raises:
        Refused: bad_json.
    """
    try:
        return msgspec.json.decode(payload)
    except RecursionError:
        raise Refused("bad_json", "nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if "out of range" in str(error) or any(mark in payload for mark in _LENIENT_MARKS):
            return _read_leniently(payload, str(error))
        raise Refused("bad_json", str(error)) from None


def _read_leniently(payload: bytes, complaint: str) -> Any:
    try:
        document = json.loads(payload.decode())
        # A lone surrogate cannot be written to the bus again.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused("bad_json", complaint) from None
    return document


def check_size(payload: bytes, most: int) -> None:
    """Nothing, when the payload is not over the limit.

    Raises:
        Refused: too_large.
    """
    if len(payload) > most:
        raise Refused("too_large", f"{len(payload)} bytes, at most {most} are taken")


def number(raw: Any, what: str) -> float:
    """A finite number.

    Raises:
        Refused: bad_value.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Refused("bad_value", f"{what}: expected a number, got {shown(raw)}")
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Refused("bad_value", f"{what}: expected a finite number, got {shown(raw)}")
    return value


def text(raw: Any, what: str, longest: int) -> str:
    """A text of 1 to `longest` characters.

    Raises:
        Refused: bad_value.
    """
    if not isinstance(raw, str) or not 0 < len(raw) <= longest:
        raise Refused("bad_value", f"{what}: expected a text of 1 to {longest} characters, got {shown(raw)}")
    return raw


def objects(document: Any) -> list[Any]:
    """The document's objects: itself, or the members of an array.

    Raises:
        Refused: bad_json when it is neither, or an empty array.
    """
    members = document if isinstance(document, list) else [document]
    if not members:
        raise Refused("bad_json", "the array is empty")
    if not isinstance(document, dict | list):
        raise Refused("bad_json", f"expected an object or an array of objects, got {shown(document)}")
    return members


def mapping(raw: Any, what: str) -> dict[str, Any]:
    """An object.

    Raises:
        Refused: bad_json.
    """
    if not isinstance(raw, dict):
        raise Refused("bad_json", f"{what}: expected an object, got {shown(raw)}")
    return raw


def shown(raw: Any) -> str:
    """A value as a refusal's detail shows it: short, on one line."""
    try:
        image = json.dumps(raw, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):  # such as an integer of more digits than Python prints
        image = f"a {type(raw).__name__}"
    return image if len(image) <= _SHOWN else image[: _SHOWN - 3] + "..."
