"""What Faust's consumer needs so that a table's recovery never costs a message.

When recovery ends, Faust seeks to the committed offsets while its fetcher is already reading (faust-streaming 0.15.3, `Recovery.on_recovery_completed`).
Records fetched before the seek are then handed on after it: their offsets lie beyond the mark that the seek has just set, Faust takes the
difference for a gap in the log, and a gap counts as acknowledged. Offsets that nobody has worked on yet are committed, or the commit stands
still for good. Here a fetch and a seek exclude each other, and records fetched before a seek are dropped: they are read again.
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
        self._seeks = 0
        self._fetched_after = 0

    async def perform_seek(self) -> None:
        """Go to the committed offsets, once no fetch is under way."""
        async with self._fetching:
            self._seeks += 1
            await super().perform_seek()

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """The messages of one fetch, up to the next seek."""
        async for place, message in super().getmany(timeout):
            if self._fetched_after != self._seeks:
                return
            yield place, message

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Mapping[TP, list[Any]]:
        async with self._fetching:
            records = await super()._getmany(active_partitions, timeout)  # type: ignore[safe-super]
            self._fetched_after = self._seeks
            return records
