"""What is pushed by the clock: newest values that changed, about once a second while somebody listens; health; heartbeats."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final

import msgspec

from api.context import Context
from api.live.event import Event, event
from api.live.hub import Fanout
from api.routes.observations import latest_items
from hub.errors import HubError
from storage.series import Points

_log = logging.getLogger(__name__)

LATEST_S: Final = 1.0
SLICE: Final = 250
"""Newest values that one event holds at most: more of them wait half a second for the next, so that no push delays an alert."""

SLICE_S: Final = 0.5
HEALTH_S: Final = 5.0
BEAT_S: Final = 10.0
_SHARE: Final = 10
"""Looking for changes may take one tenth of the time: with very many datastreams it is done less often."""

Key = tuple[str, str]
Value = tuple[int, float, int, int]


class Pulse:
    """The tasks that push by the clock."""

    def __init__(self, parts: Context, fanout: Fanout) -> None:
        self._parts = parts
        self._board = parts.board
        self._fanout = fanout
        self._thread = ThreadPoolExecutor(1, "pulse")
        self._shown: dict[Key, Value] | None = None
        self._said: bytes = b""
        self._health_due = 0.0
        self._waiting: dict[Key, Points] = {}
        self._compared: object = None
        self.greeting = b"{}"

    @property
    def looked(self) -> bool:
        """Whether the newest values are known, so that from now on changes are told."""
        return self._shown is not None

    def tasks(self) -> list[Awaitable[None]]:
        """What has to run while the application does."""
        return [self._every(self._latest, self._latest_wait), self._every(self._health, lambda: 1.0), self._beats()]

    async def begin(self) -> None:
        """Know the health before the first listener comes."""
        await self._health()

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False)

    async def _every(self, step: Callable[[], Awaitable[None]], least: Callable[[], float]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await step()
            except HubError as error:
                _log.warning("nothing could be pushed: %s", error)
            took = loop.time() - began
            await asyncio.sleep(max(least() - took, took * _SHARE))

    def _latest_wait(self) -> float:
        return SLICE_S if self._waiting else LATEST_S

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self._fanout.beat()

    async def _latest(self) -> None:
        if not self._fanout.listeners:
            self._shown, self._compared = None, None
            self._waiting.clear()
            return
        events = await asyncio.get_running_loop().run_in_executor(self._thread, self._changed)
        if events:
            self._fanout.put(events)

    def _changed(self) -> list[Event]:
        """The next slice of the newest values that changed, one event for each department in it."""
        self._compare()
        departments: dict[str, list[Points]] = defaultdict(list)
        for key in list(islice(self._waiting, SLICE)):
            departments[key[0].split("/", 1)[0]].append(self._waiting.pop(key))
        return [
            event(
                "latest", msgspec.json.encode({"items": latest_items(found, self._parts, self._parts.zone)}), department
            )
            for department, found in departments.items()
        ]

    def _compare(self) -> None:
        """Note what changed since the last look; at the first there is nothing, listeners have just asked."""
        seen = self._parts.presence.seen()
        if seen is self._compared:
            return
        self._compared = seen
        now = {key: _value(one) for key, one in seen.points.items()}
        before, self._shown = self._shown, now
        if before is not None:
            # A value that waits keeps its place in the queue and goes out as it is then.
            self._waiting.update({key: seen.points[key] for key, value in now.items() if before.get(key) != value})

    async def _health(self) -> None:
        loop = asyncio.get_running_loop()
        told, said = await loop.run_in_executor(self._thread, self._look)
        self.greeting = told
        due = loop.time() >= self._health_due
        if said != self._said or due:
            self._said, self._health_due = said, loop.time() + HEALTH_S
            if self._fanout.listeners:
                self._fanout.put([event("health", told, "")])

    def _look(self) -> tuple[bytes, bytes]:
        board = self._board.look()
        said = [(one.name, one.ok, one.detail) for one in board]
        return msgspec.json.encode(self._board.body(board)), msgspec.json.encode(said)


def _value(one: Points) -> Value:
    return int(one.time[-1]), float(one.value[-1]), int(one.quality[-1]), int(one.checks[-1])
