"""Heavy questions: off the event loop, so many at a time, within bounds, and ended when the caller has gone."""

import asyncio
import contextlib
import math
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from api.context import History
from api.parts_of import each_station
from api.problem import Problem, invalid
from hub.clock import Clock, SystemClock
from storage.series import Every, Incoming, Page, Points, Rejected, Select, SeriesStore, StoreHealth, Windows

AT_ONCE: Final = 6
"""Questions at work; as many again and again would only take the processor from each other."""

MOST_WAITING: Final = 100
LONGEST_S: Final = 30.0
MOST_CELLS: Final = 2_000_000
"""Windows times columns that one answer in JSON may hold."""

T = TypeVar("T")


class Gone(Exception):
    """The caller has gone; nobody waits for the answer."""


class Workers:
    """The worker threads of one application's heavy questions."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._limiter = anyio.CapacityLimiter(at_once)
        self._most_waiting = most_waiting

    @property
    def at_work(self) -> int:
        """How many questions are at work now."""
        return self._limiter.borrowed_tokens

    @property
    def waiting(self) -> int:
        """How many questions wait for a worker."""
        return self._limiter.statistics().tasks_waiting

    async def watching(self, receive: Receive, work: Callable[[threading.Event], Awaitable[T]]) -> T | None:
        """What `work` gives; it is told by its event when the caller has gone, and then nothing comes of it."""
        if self.waiting >= self._most_waiting:
            detail = f"{self._most_waiting} questions wait already"
            raise Problem("unavailable", detail, zh="等待处理的查询过多，请稍后再试", headers={"Retry-After": "5"})
        stop = threading.Event()
        watcher = asyncio.ensure_future(_until_gone(receive))
        watcher.add_done_callback(lambda _: stop.set())
        try:
            return await work(stop)
        except Gone:
            return None
        finally:
            watcher.cancel()

    async def run(self, call: Callable[..., T], *given: object) -> T:
        """`call` on a thread of ours."""
        return await anyio.to_thread.run_sync(call, *given, limiter=self._limiter)

    async def first(self, body: Iterator[bytes], stop: threading.Event) -> bytes:
        """The first bytes of a body, b"" where it has none.

        Raises:
            Gone: nobody waits for them.
        """
        while not stop.is_set():
            piece = await self.run(next, body, None)
            if piece is None or piece:
                return piece or b""
        raise Gone

    async def drawn(self, head: bytes, body: Iterator[bytes]) -> AsyncIterator[bytes]:
        """The body, each piece drawn on a thread when the one before has been sent."""
        yield head
        while (piece := await self.run(next, body, None)) is not None:
            if piece:
                yield piece


async def _until_gone(receive: Receive) -> None:
    # A body where none is expected, however it fails, is not this question's matter.
    with contextlib.suppress(HTTPException):
        while (await receive())["type"] != "http.disconnect":
            pass


def workers_of(scope: Scope) -> Workers:
    """The workers of the application that answers in `scope`."""
    workers: Workers = scope["app"].state.workers
    return workers


async def answered(
    request: Request, parts: History, call: Callable[[History], Response], most_cells: int | None = None
) -> Response:
    """What `call` answers on a worker thread, with a store that keeps it within bounds."""
    workers = workers_of(request.scope)

    async def work(stop: threading.Event) -> Response:
        watched = Watched(
            parts.series, Bounds(parts.clock, parts.clock.monotonic() + LONGEST_S, stop, most_cells or MOST_CELLS)
        )
        return await workers.run(call, replace(parts, series=watched))

    found = await workers.watching(request.receive, work)
    return Response(status_code=503) if found is None else found


@dataclass(slots=True)
class Bounds:
    """How long a question may work (`until`, by the monotonic clock), and how many cells it has had."""

    clock: Clock
    until: float
    stop: threading.Event
    most_cells: int
    cells: int = 0

    @classmethod
    def none(cls) -> "Bounds":
        """No bounds at all: somebody looks on and can end it himself."""
        return cls(SystemClock(), math.inf, threading.Event(), sys.maxsize)

    def check(self, done: str = "") -> None:
        """Whether the question may go on.

        Raises:
            Gone: the caller has gone.
            Problem: it has worked for too long, or has too much in its hands.
        """
        if self.stop.is_set():
            raise Gone
        if self.clock.monotonic() > self.until:
            raise invalid("from", f"a question that is answered within {LONGEST_S:g} s: {_LESS}{done}")
        if self.cells > self.most_cells:
            raise invalid("every", f"an answer of at most {self.most_cells} cells in JSON: {_LESS}{done}")


_LESS: Final = "fewer series, a shorter period, longer windows; or a file by format=csv or format=parquet"


class Watched:
    """A store for one question: between two of its answers the bounds are looked at; many series are asked for station by station."""

    def __init__(self, store: SeriesStore, bounds: Bounds) -> None:
        self._store = store
        self.bounds = bounds

    def latest(self, select: Select) -> list[Points]:
        """The newest value of each series."""
        self.bounds.check()
        return self._store.latest(select)

    def raw(self, select: Select, start: int, end: int, limit: int, cursor: str | None = None) -> Page:
        """Values in [start, end)."""
        self.bounds.check()
        return self._store.raw(select, start, end, limit, cursor)

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Whole series, one after the other."""
        self.bounds.check()
        for place, one in enumerate(self._store.scan(select, start, end), 1):
            yield one
            self.bounds.check(f" ({place} series were done)")

    def windows(
        self, select: Select, start: int, end: int, every: Every, aggregates: Sequence[str], zone: str
    ) -> list[Windows]:
        """Aggregates of valid values per window."""
        self.bounds.check()
        found: list[Windows] = []
        groups = each_station(self._store, select)
        for place, one in enumerate(groups, 1):
            fresh = self._store.windows(one, start, end, every, aggregates, zone)
            self.bounds.cells += sum(len(windows.start) for windows in fresh) * (len(aggregates) + 1)
            found += fresh
            self.bounds.check(f" ({place} of {len(groups)} stations were done)")
        return found

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        """Nothing is written by a question."""
        raise NotImplementedError

    def maintain(self, now: int) -> None:
        """Nothing to keep up."""

    def health(self) -> StoreHealth:
        """How the store is."""
        return self._store.health()

    def close(self) -> None:
        """The store stays open; it is not ours."""
