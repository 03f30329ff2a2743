"""One listener's answer: replay from where it was, then live; a listener that does not read is dropped, and resumes later."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from api.live.event import event
from api.live.feed import FeedReader
from api.live.hub import Fanout, FellBehind, Scope
from hub.errors import StoreUnavailable

SLOW_S: Final = 15.0
"""How long one write may wait for the listener's connection."""

RECHECK_S: Final = 30.0
"""How often it is asked whether the listener may still listen."""

ABORT: Final = "streamwarden.abort"
"""In the request's scope where the server offers it: ends the connection without waiting for its buffers."""

GIVE: Final = "streamwarden.give"
"""In the request's scope where the server offers it: gives a piece to the connection past the layers between, whose work
for each of hundreds of listeners would delay the last of them; False when the connection does not take it at once.
"""

RETRY: Final = b"retry: 2000\n"
"""How long a browser waits before it comes back, ms."""

_HEADERS: Final = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx would hold events back
}


class EventStream(Response):
    """The answer of `/v1/events`; `after` is the last number the listener saw, None to begin now; `greeting` the health to begin with."""

    media_type = "text/event-stream"

    def __init__(
        self,
        fanout: Fanout,
        feed: FeedReader,
        scope: Scope,
        after: int | None,
        greeting: bytes,
        still: Callable[[], Awaitable[bool]],
    ) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._fanout = fanout
        self._feed = feed
        self._scope = scope
        self._after = after
        self._greeting = greeting
        self._still = still

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        abort: Callable[[], None] | None = scope.get(ABORT)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        writing = asyncio.ensure_future(self._write(send, scope.get(GIVE, _never)))
        leaving = asyncio.ensure_future(_left(receive))
        self._fanout.listeners += 1
        try:
            await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._fanout.listeners -= 1
            left = leaving.done()
            finished = await _end(writing)
            await _end(leaving)
        if finished and not left:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif not left and abort is not None:
            abort()

    async def _write(self, send: Send, give: Callable[[bytes], bool]) -> None:
        """Write until the hub stops or the listener may listen no more.

        Raises:
            TimeoutError, FellBehind: the listener does not keep up.
            StoreUnavailable: what it missed cannot be read now; it will ask again.
        """
        # Everything after `place` goes live and everything up to `seq` is replayed: nothing between can be missed or come twice.
        place, seq = self._fanout.end, self._feed.seq
        greeting = event("health", self._greeting, "", seq if self._after is None else None)
        await _put(send, RETRY + greeting.data if self._scope.takes(greeting) else RETRY + b": listening\n\n")
        if self._after is not None:
            await self._replay(send, self._after, seq)
        loop = asyncio.get_running_loop()
        checked = loop.time()
        while not self._fanout.closed:
            await self._fanout.wait(place)
            fresh, place = self._fanout.after(place, self._scope)
            if fresh and not give(fresh):
                await _put(send, fresh)
            if loop.time() - checked > RECHECK_S:
                checked = loop.time()
                if not await self._still():
                    return

    async def _replay(self, send: Send, after: int, upto: int) -> None:
        held: list[bytes] = []
        async for one in self._feed.replay(after, upto):
            if one.type == "reset" or self._scope.takes(one):
                held.append(one.data)
            if len(held) >= 100:
                await _put(send, b"".join(held))
                held.clear()
        if held:
            await _put(send, b"".join(held))


def _never(_piece: bytes) -> bool:
    return False


async def _put(send: Send, data: bytes) -> None:
    async with asyncio.timeout(SLOW_S):
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(task: asyncio.Future[None]) -> bool:
    """End the task; whether it had come to its end by itself and well."""
    done = task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, TimeoutError, FellBehind, StoreUnavailable, OSError):
        await task
        return done
    return False
