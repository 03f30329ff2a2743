"""Waiting for a condition, never for a length of time."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import TypeVar

_POLL_SECONDS = 0.02
PATIENCE = 3 if os.environ.get("CI") == "true" else 1
"""The gate's machine is shared, and nobody sits before it: it waits longer before it gives up."""
_Answer = TypeVar("_Answer")


def wait_until(predicate: Callable[[], _Answer], deadline: float = 20.0, what: str = "") -> _Answer:
    """The predicate's first truthy answer; AssertionError with `what` and the last answer after `deadline` seconds."""
    end = time.monotonic() + deadline * PATIENCE
    while not (answer := predicate()):
        _give_up_after(end, deadline, what or _name(predicate), answer)
        time.sleep(_POLL_SECONDS)
    return answer


async def wait_until_async(predicate: Callable[[], _Answer], deadline: float = 20.0, what: str = "") -> _Answer:
    """As `wait_until`, leaving the event loop to others in between."""
    end = time.monotonic() + deadline * PATIENCE
    while not (answer := predicate()):
        _give_up_after(end, deadline, what or _name(predicate), answer)
        await asyncio.sleep(_POLL_SECONDS)
    return answer


def _name(predicate: Callable[[], object]) -> str:
    return str(getattr(predicate, "__qualname__", predicate))


def _give_up_after(end: float, deadline: float, what: str, answer: object) -> None:
    if time.monotonic() > end:
        raise AssertionError(f"waited {deadline * PATIENCE:g} s in vain for: {what} (last answer: {answer!r})")
