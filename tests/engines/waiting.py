"""Waiting for a condition, never for a length of time."""

import time
from collections.abc import Callable
from typing import TypeVar

_POLL_SECONDS = 0.02
_Answer = TypeVar("_Answer")


def wait_until(predicate: Callable[[], _Answer], deadline: float = 20.0, what: str = "") -> _Answer:
    """The predicate's first truthy answer; AssertionError with `what` and the last answer after `deadline` seconds."""
    end = time.monotonic() + deadline
    while not (answer := predicate()):
        if time.monotonic() > end:
            wanted = what or getattr(predicate, "__qualname__", repr(predicate))
            raise AssertionError(f"waited {deadline:g} s in vain for: {wanted} (last answer: {answer!r})")
        time.sleep(_POLL_SECONDS)
    return answer
