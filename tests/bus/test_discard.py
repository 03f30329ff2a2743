"""A producer that is given up while Kafka is away leaves nothing for asyncio to complain of."""

import asyncio
import gc
from typing import Any

from aiokafka.cluster import ClusterMetadata
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.structs import TopicPartition

from hub.buses.kafka.discard import fail_waiting

_PLACE = TopicPartition("topic", 0)


async def _give_up(complaints: list[dict[str, Any]]) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    accumulator = MessageAccumulator(ClusterMetadata(), 1 << 16, 0, 30)
    tried = await accumulator.add_message(_PLACE, b"k", b"tried once and put back", 1)
    accumulator.reenqueue(accumulator._pop_batch(_PLACE))
    waiting = await accumulator.add_message(TopicPartition("topic", 1), b"k", b"never sent", 1)
    fail_waiting(accumulator)
    fail_waiting(accumulator)
    assert tried.done()
    assert waiting.done()
    del tried, waiting, accumulator
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)


def test_what_nobody_waits_for_fails_in_silence() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.run(_give_up(complaints))
    assert complaints == []
