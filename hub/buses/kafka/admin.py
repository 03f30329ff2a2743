"""Making topics on Kafka, and what is asked about them: partitions, limits, first and next offsets, a group's offsets."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from hub.buses.routing import TOMBSTONE_MS, check_partitions
from hub.errors import BusUnavailable
from hub.topics import DAY, TopicSpec

BATCH_BYTES: Final = 512 << 10
"""What a producer gathers at most; so a topic takes at least as much, and smaller limits are rounded up to it."""

_OVERHEAD: Final = 64 << 10
_AGAIN: Final = 0.2


class KafkaAdmin:
    """Questions to the cluster; lives on the bus's loop."""

    def __init__(self, servers: Sequence[str], timeout_ms: int) -> None:
        self._servers = list(servers)
        self._timeout_ms = timeout_ms
        self._client: AIOKafkaAdminClient | None = None
        self._offsets: AIOKafkaConsumer | None = None
        self.facts: dict[str, tuple[int, int]] = {}
        """Partitions and limit of the topics that were asked about."""

    async def ensure(self, specs: Sequence[TopicSpec], replication: int) -> None:
        """Make what is absent, give what exists its settings, and wait until every partition can be written."""
        client = await self._admin()
        present = {spec.name: await self._count(spec.name) for spec in specs}
        for spec in specs:
            if count := present[spec.name]:
                check_partitions(spec, count)
        absent = [spec for spec in specs if not present[spec.name]]
        if absent:
            made = [NewTopic(spec.name, spec.partitions, replication, topic_configs=config_of(spec)) for spec in absent]
            response = await client.create_topics(made)
            for name, code, *_ in response.topic_errors:
                if code and code != TopicAlreadyExistsError.errno:  # another process was quicker
                    raise for_code(code)(f"topic {name} cannot be made")
        await self._configure([spec for spec in specs if present[spec.name]])
        for spec in specs:
            self.facts.pop(spec.name, None)
            while await self._count(spec.name) != spec.partitions:  # noqa: ASYNC110 (only the cluster knows)
                await asyncio.sleep(_AGAIN)

    async def learn(self, topic: str) -> tuple[int, int]:
        """How many partitions a topic has, and the largest message it takes in bytes; kept, since neither changes while it is used.

        Raises:
            BusUnavailable: the topic is absent.
        """
        if topic not in self.facts:
            count = await self._count(topic)
            if not count:
                raise BusUnavailable(f"topic {topic} is absent")
            self.facts[topic] = (count, await largest_message(await self._admin(), topic) - _OVERHEAD)
        return self.facts[topic]

    async def bounds(self, topic: str) -> dict[int, tuple[int, int]]:
        """First and next offset of every partition; right after a broker's start the answer may be empty, so it is asked again."""
        places = [TopicPartition(topic, number) for number in range((await self.learn(topic))[0])]
        reader = await self._reader()
        first = await _whole(lambda: reader.beginning_offsets(places), len(places))
        end = await _whole(lambda: reader.end_offsets(places), len(places))
        return {place.partition: (first[place], end[place]) for place in places}

    async def committed(self, group: str, topic: str) -> dict[int, int]:
        """What a group has committed of a topic."""
        client = await self._admin()
        places = [TopicPartition(topic, number) for number in range((await self.learn(topic))[0])]
        while True:
            try:
                found = await client.list_consumer_group_offsets(group, partitions=places)
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(_AGAIN)  # the group's coordinator is moving
            else:
                return {place.partition: answer.offset for place, answer in found.items() if answer.offset >= 0}

    async def describe(self) -> str:
        """What is wrong with the cluster, empty when nothing is."""
        cluster = await (await self._admin()).describe_cluster()
        return "" if cluster["brokers"] else "no broker"

    async def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        reader, self._offsets = self._offsets, None
        if client is not None:
            await client.close()
        if reader is not None:
            await reader.stop()

    async def _configure(self, specs: Sequence[TopicSpec]) -> None:
        if not specs:
            return
        resources = [ConfigResource(ConfigResourceType.TOPIC, spec.name, config_of(spec)) for spec in specs]
        for response in await (await self._admin()).alter_configs(resources):
            for code, message, *_ in response.resources:
                if code:
                    raise for_code(code)(message)

    async def _count(self, topic: str) -> int:
        """How many partitions of a topic have a leader; 0 when it is absent."""
        client = await self._admin()
        (found,) = await client.describe_topics([topic])
        if found["error_code"]:
            return 0
        return sum(1 for partition in found["partitions"] if partition["leader"] >= 0)

    async def _admin(self) -> AIOKafkaAdminClient:
        if self._client is None:
            client = AIOKafkaAdminClient(bootstrap_servers=self._servers, request_timeout_ms=self._timeout_ms)
            self._client = await _started(client, client.close)
        return self._client

    async def _reader(self) -> AIOKafkaConsumer:
        if self._offsets is None:
            reader = AIOKafkaConsumer(
                bootstrap_servers=self._servers, request_timeout_ms=self._timeout_ms, enable_auto_commit=False
            )
            self._offsets = await _started(reader, reader.stop)
        return self._offsets


async def largest_message(client: AIOKafkaAdminClient, topic: str) -> int:
    """The setting `max.message.bytes` of a topic in bytes.

    A node hears of a new topic a little later than the one that made it, and any of them may be asked: one that does not
    know it yet is asked again, for as long as the caller waits.

    Raises:
        KafkaError: the cluster refuses to tell.
    """
    wanted = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": None})
    while True:
        (response,) = await client.describe_configs([wanted])
        (code, message, _, _, entries) = response.resources[0]
        if not code:
            return int(entries[0][1])
        if code != UnknownTopicOrPartitionError.errno:
            raise for_code(code)(message)
        await asyncio.sleep(_AGAIN)


def config_of(spec: TopicSpec) -> dict[str, str]:
    """A topic's settings in Kafka's words; bytes are Kafka's per partition, so they are shared out."""
    share = -1 if spec.retention_bytes is None else spec.retention_bytes // spec.partitions
    roll = DAY if spec.retention_ms is None else min(DAY, max(60_000, spec.retention_ms // 8))
    segment = 64 << 20 if share < 0 else min(1 << 30, max(16 << 20, share // 8))
    return {
        "cleanup.policy": "compact" if spec.compact else "delete",
        "retention.ms": str(-1 if spec.retention_ms is None else spec.retention_ms),
        "retention.bytes": str(share),
        "max.message.bytes": str(max(spec.max_message, BATCH_BYTES) + _OVERHEAD),
        "segment.ms": str(DAY // 24 if spec.compact else roll),
        "segment.bytes": str(segment),
        "min.cleanable.dirty.ratio": "0.3",
        "delete.retention.ms": str(TOMBSTONE_MS),
        "message.timestamp.type": "CreateTime",
    }


async def _started(client: Any, stop: Callable[[], Awaitable[None]]) -> Any:
    """Start a client; one that fails is stopped, or its sockets would stay."""
    try:
        await client.start()
    except BaseException:
        await stop()
        raise
    return client


async def _whole(ask: Callable[[], Awaitable[dict[TopicPartition, int]]], count: int) -> dict[TopicPartition, int]:
    while True:
        answer = await ask()
        if len(answer) == count:
            return answer
        await asyncio.sleep(_AGAIN)
