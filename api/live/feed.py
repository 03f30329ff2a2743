"""Reading the feed: on every commit of this process, and twice a second for those of others; and replaying it for who comes back."""

import asyncio
import contextlib
import logging
import threading
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
        # Threads of their own: a slow question of somebody else never delays an alert, and neither does a replay.
        self._thread: threading.Thread | None = None
        self._replays = ThreadPoolExecutor(1, "feed-replay")
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_listening: Callable[[], None] | None = None
        self.seq = 0
        self.problem = ""

    async def start(self) -> None:
        """Begin at the feed's present end, and hear of commits from now on; started again, go on with the loop of now."""
        await self.close()
        self._stop.clear()
        self._replays = ThreadPoolExecutor(1, "feed-replay")
        self._loop = asyncio.get_running_loop()
        self._stop_listening = self._records.listen(self._committed)
        self.seq = (await self._read(self._span))[1]
        self._thread = threading.Thread(target=self._follow, name="feed-reader", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Stop hearing of commits, and end the threads."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        self._stop.set()
        self._changed.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        self._replays.shutdown(wait=False)

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

    def _committed(self, done: Committed) -> None:
        if done.feed:
            self._changed.set()

    def _follow(self) -> None:
        """Read on a thread until closed."""
        after = self.seq
        while not self._stop.is_set():
            self._changed.clear()
            try:
                after = self._catch_up(after)
                self.problem = ""
            except StoreUnavailable as error:
                if not self.problem:
                    _log.warning("the feed cannot be read: %s", error)
                self.problem = str(error)
            self._changed.wait(POLL_S)

    def _catch_up(self, after: int) -> int:
        """Give what follows `after` to the loop; the last number that was there."""
        while not self._stop.is_set():
            events, seen = self._events(after, PIECE)
            if events:
                after = seen[-1]
                with contextlib.suppress(RuntimeError):  # the loop has ended already
                    self._told(events, after)
            if len(events) < PIECE:
                break
        return after

    def _told(self, events: list[Event], seq: int) -> None:
        def put() -> None:
            # Both at once: a listener begins at a place and the number that belongs to it.
            self.seq = seq
            self._fanout.put(events)

        if self._loop is not None:
            self._loop.call_soon_threadsafe(put)

    def _events(self, after: int, limit: int) -> tuple[list[Event], list[int]]:
        with self._records.read() as tx:
            rows = feed.after(tx, after, limit)
        return [from_feed(row.seq, row.type, row.body, self._health()) for row in rows], [row.seq for row in rows]

    def _span(self) -> tuple[int, int]:
        with self._records.read() as tx:
            return feed.span(tx)

    async def _read(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._replays, question)
