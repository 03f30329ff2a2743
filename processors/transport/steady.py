"""What Faust's consumer needs so that a table's recovery never costs a message.

When recovery ends, Faust seeks to the committed offsets while its fetcher is already reading (faust-streaming 0.15.3, `Recovery.on_recovery_completed`).
Records fetched before the seek are then handed on after it: their offsets lie beyond the mark that the seek has just set, Faust takes the
difference for a gap in the log, and a gap counts as acknowledged. Offsets that nobody has worked on yet are committed, or the commit stands
still for good. Here a fetch and a seek exclude each other, and records fetched before a seek are dropped: they are read again. A record
that is just being handed on is waited for, because Faust sets the mark to it once that is done (`Consumer._drain_messages`): after
a seek, everything between would be taken for read.

After its seek Faust empties the streams' queues (`flow_control.resume`); what was fetched in between would be lost. So nothing is fetched from a seek
until the flow is resumed, which is the next thing that Faust does.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from faust.transport.consumer import Consumer
from faust.types import TP, Message


class SteadyConsumer(Consumer):
    """To stand before a driver's consumer in a class's bases."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._fetching = asyncio.Lock()
        self._resumed = asyncio.Event()
        self._resumed.set()
        self._taken = asyncio.Event()
        self._taken.set()
        self._seeks = 0
        self._fetched_after = 0

    async def perform_seek(self) -> None:
        """Go to the committed offsets, once no fetch is under way and nothing is being handed on."""
        if self.flow_active:  # else the fetcher waits for the flow anyway
            self._resumed.clear()
        try:
            async with self._fetching:
                await self._taken.wait()
                self._seeks += 1
                await super().perform_seek()
        except BaseException:
            self._resumed.set()
            raise

    def resume_flow(self) -> None:
        """Read on."""
        super().resume_flow()
        self._resumed.set()

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """The messages of one fetch, up to the next seek; a changelog's go on, since a seek does not move it."""
        async for place, message in super().getmany(timeout):
            if self._fetched_after != self._seeks and self.app.topics.acks_enabled_for(place.topic):
                continue
            self._taken.clear()
            try:
                yield place, message
            finally:
                self._taken.set()

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Mapping[TP, list[Any]]:
        try:
            async with asyncio.timeout(timeout):
                await self._resumed.wait()
        except TimeoutError:
            return {}
        async with self._fetching:
            if not self._resumed.is_set():
                return {}
            records = await super()._getmany(active_partitions, timeout)  # type: ignore[safe-super]
            self._fetched_after = self._seeks
            return records
