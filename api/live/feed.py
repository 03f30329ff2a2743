"""Reading the feed: on every commit of this process, and twice a second for those of others; and replaying it for who comes back."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from api.live.event import Event, event, from_feed
from api.live.hub import Fanout
from hub.errors import StoreUnavailable
from storage.records import Committed, Records, feed

_log = logging.getLogger(__name__)

T = TypeVar("T")
POLL_S: Final = 0.5
PIECE: Final = 500


class FeedReader:
    """Carries the feed's new rows to the fan-out. `seq` is the last row that is there, `health` says how the hub is now."""

    def __init__(self, records: Records, fanout: Fanout, health: Callable[[], bytes]) -> None:
        self._records = records
        self._fanout = fanout
        self._health = health
        # A thread of its own: a slow question of somebody else never delays an alert.
        self._thread = ThreadPoolExecutor(1, "feed")
        self._changed = asyncio.Event()
        self._stop_listening: Callable[[], None] | None = None
        self.seq = 0
        self.problem = ""

    async def start(self) -> None:
        """Begin at the feed's present end, and hear of commits from now on."""
        loop = asyncio.get_running_loop()

        def committed(done: Committed) -> None:
            if done.feed:
                loop.call_soon_threadsafe(self._changed.set)

        self._stop_listening = self._records.listen(committed)
        self.seq = (await self._read(self._span))[1]

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self._catch_up()
                self.problem = ""
            except StoreUnavailable as error:
                if not self.problem:
                    _log.warning("the feed cannot be read: %s", error)
                self.problem = str(error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._changed.wait()
            self._changed.clear()

    def close(self) -> None:
        """Stop hearing of commits."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        self._thread.shutdown(wait=False)

    async def replay(self, after: int, upto: int) -> AsyncIterator[Event]:
        """The feed's rows with after < seq <= upto; a `reset` event first where some of them, or `after` itself, are not known here.

        Raises:
            StoreUnavailable: the feed cannot be read now.
        """
        first, last = await self._read(self._span)
        if after > last or (after + 1 < first):
            yield event("reset", b'{"oldest":%d,"newest":%d}' % (first, last), "")
        while after < upto:
            events, seen = await self._read(partial(self._events, after, PIECE))
            if not events:
                return
            for one, seq in zip(events, seen, strict=True):
                if seq > upto:
                    return
                after = seq
                yield one

    async def _catch_up(self) -> None:
        while True:
            events, seen = await self._read(partial(self._events, self.seq, PIECE))
            if not events:
                return
            self.seq = seen[-1]
            self._fanout.put(events)

    def _events(self, after: int, limit: int) -> tuple[list[Event], list[int]]:
        with self._records.read() as tx:
            rows = feed.after(tx, after, limit)
        return [from_feed(row.seq, row.type, row.body, self._health()) for row in rows], [row.seq for row in rows]

    def _span(self) -> tuple[int, int]:
        with self._records.read() as tx:
            return feed.span(tx)

    async def _read(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, question)
