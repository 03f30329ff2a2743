"""What every engine decides alike: which partition a message goes to, how large it is, and which names a topic may have."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from hub.bus import Message
from hub.errors import BusError, MessageTooLarge
from hub.partition import partition_of
from hub.topics import DAY, TopicSpec

TOMBSTONE_MS: Final = DAY
"""How long a deletion stays in a compacted topic, so that a reader who was away learns of it."""

_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")


def check_specs(specs: Iterable[TopicSpec]) -> None:
    """Refuse what no engine could make.

    Raises:
        BusError: a name that Kafka would not take either, or no partition at all.
    """
    for spec in specs:
        if not _TOPIC.fullmatch(spec.name) or spec.name in (".", ".."):
            raise BusError(f"topic {spec.name!r}: expected 1 to 200 of letters, digits, '.', '_' and '-'")
        if spec.partitions < 1 or spec.max_message < 1:
            raise BusError(f"topic {spec.name}: expected at least one partition and one byte, got {spec}")


def check_partitions(spec: TopicSpec, existing: int) -> None:
    """Refuse to change how many partitions a topic has: keys would move and order would be lost.

    Raises:
        BusError: the counts differ.
    """
    if spec.partitions != existing:
        raise BusError(f"topic {spec.name} has {existing} partitions and cannot be given {spec.partitions}")


def place_of(message: Message, partitions: int) -> int:
    """The partition a message goes to, by its own word or by its key.

    Raises:
        BusError: the message names a partition that the topic does not have.
    """
    if message.partition is None:
        return partition_of(message.key, partitions)
    if not 0 <= message.partition < partitions:
        raise BusError(f"topic {message.topic} has {partitions} partitions, not a partition {message.partition}")
    return message.partition


def size_of(message: Message) -> int:
    """Bytes of key, value and headers together."""
    headers = sum(len(name) + len(value) for name, value in message.headers.items()) if message.headers else 0
    return len(message.key) + len(message.value or b"") + headers


def check_sizes(messages: Sequence[Message], limit: int) -> None:
    """Refuse messages over their topic's limit.

    Raises:
        MessageTooLarge: one is.
    """
    for message in messages:
        size = size_of(message)
        if size > limit:
            raise MessageTooLarge(f"a message of {size} bytes for topic {message.topic}, which takes {limit}")
