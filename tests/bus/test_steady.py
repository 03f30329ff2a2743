"""A seek and a record that is being handed on: the one waits for the other, and what was fetched before is dropped."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

from faust.transport.consumer import Consumer
from faust.types import TP, Message

from processors.transport.steady import SteadyConsumer

PLACE = TP("readings", 0)


class Fetched(Consumer):
    """A driver whose every fetch is the same ten records, and which notes its seeks."""

    def __init__(self) -> None:
        self.app = cast("Any", SimpleNamespace(topics=SimpleNamespace(acks_enabled_for=lambda _: True)))
        self.flow_active = True
        self.sought_after: list[int] = []
        self.handed_on: list[int] = []

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        for offset in await cast("Any", self)._getmany(None, timeout):
            yield PLACE, cast("Message", offset)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        return range(10)

    async def perform_seek(self) -> None:
        self.sought_after = list(self.handed_on)

    def resume_flow(self) -> None:
        return


class Steady(SteadyConsumer, Fetched):
    """Both together, as with a real driver."""


def steady() -> Steady:
    """One of them, without what a real driver has besides."""
    made: Any = Steady
    made.__abstractmethods__ = frozenset()
    return cast("Steady", made())


async def seek_while_handing_on(slow: int) -> Steady:
    """A seek that begins while record `slow` is being handed on, which takes many turns of the loop."""
    consumer = steady()
    seek: asyncio.Task[None] | None = None
    async for _, message in consumer.getmany(1.0):
        offset = cast("int", message)
        if offset == slow:
            seek = asyncio.create_task(consumer.perform_seek())
            for _ in range(50):
                await asyncio.sleep(0)
        consumer.handed_on.append(offset)
        if seek is not None:
            await asyncio.wait([seek], timeout=0.01)
    assert seek is not None
    await seek
    return consumer


def test_a_seek_comes_after_the_record_that_is_being_handed_on() -> None:
    consumer = asyncio.run(seek_while_handing_on(3))
    assert consumer.sought_after[:4] == [0, 1, 2, 3]
    assert consumer.handed_on == consumer.sought_after


def test_a_seek_waits_for_nobody_when_nothing_is_handed_on() -> None:
    async def run() -> Steady:
        consumer = steady()
        await asyncio.wait_for(consumer.perform_seek(), 20)
        return consumer

    assert asyncio.run(run()).sought_after == []
