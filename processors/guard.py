"""No exception leaves an agent's body: Faust would take the record for done and it would be lost for good."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from hub.errors import BusUnavailable, CorruptRecord, StoreUnavailable

TRIES: Final = 3
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0

_log = logging.getLogger("hub.processors")


Body = Callable[..., Awaitable[None]]
Refuse = Callable[..., Awaitable[None]]
Errors = tuple[type[Exception], ...]

OUTSIDE: Final[Errors] = (BusUnavailable, StoreUnavailable, TimeoutError, ConnectionError)


async def patient(call: Callable[[], Awaitable[None]], away: Errors = OUTSIDE) -> None:
    """Try again without end, with growing waits, while an engine is away."""
    wait = FIRST_WAIT
    while True:
        try:
            return await call()
        except away as error:
            _log.warning("an engine is away, trying again in %.1f s: %s", wait, error)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)


def guarded(body: Body, refuse: Refuse, away: Errors = OUTSIDE) -> Body:
    """`body`, tried again without end while an engine is `away`.

    A record that is corrupt, or on which a fault of ours stands after TRIES tries, goes to `refuse(*arguments, reason, fault)`.
    """

    async def run(*arguments: object) -> None:
        reason, fault = "", ""
        for left in reversed(range(TRIES)):
            try:
                return await patient(lambda: body(*arguments), away)
            except CorruptRecord as error:
                reason, fault = "corrupt_record", str(error)
                break
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not leave the body
                _log.exception("a record could not be worked on, %s tries left", left)
                reason, fault = "worker_fault", repr(error)
        return await patient(lambda: refuse(*arguments, reason, fault), away)

    return run
