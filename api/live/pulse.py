"""What is pushed by the clock: newest values that changed, about once a second while somebody listens; health; heartbeats."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
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
MOST_A_SECOND: Final = 500
"""Newest values pushed to a listener in a second, on average: with more datastreams they are pushed less often."""

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
        self._pushed = 0
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
        return max(LATEST_S, self._pushed / MOST_A_SECOND)

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self._fanout.beat()

    async def _latest(self) -> None:
        if not self._fanout.listeners:
            self._shown = None
            return
        events = await asyncio.get_running_loop().run_in_executor(self._thread, self._changed)
        if events:
            self._fanout.put(events)

    def _changed(self) -> list[Event]:
        """One event for each department whose newest values changed; nothing at the first look, listeners have just asked."""
        points = self._parts.presence.seen().points
        now = {key: _value(one) for key, one in points.items()}
        before, self._shown = self._shown, now
        if before is None:
            return []
        departments: dict[str, list[Points]] = defaultdict(list)
        for key, value in now.items():
            if before.get(key) != value:
                departments[key[0].split("/", 1)[0]].append(points[key])
        self._pushed = sum(map(len, departments.values()))
        return [
            event(
                "latest", msgspec.json.encode({"items": latest_items(found, self._parts, self._parts.zone)}), department
            )
            for department, found in departments.items()
        ]

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
