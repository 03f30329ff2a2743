"""The bus: a durable, partitioned log that every room writes to and reads from; two engines stand behind it.

At least once: a message is durable when `append` returns, and a record may be read again after a crash. Order holds per partition.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from hub.topics import TopicSpec

Place = tuple[str, int]
"""A topic's name and a partition of it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is appended; without `partition` the key decides by murmur2. `time` is epoch ms, None for the engine's clock.

    `value` None deletes the key in a compacted topic.
    """

    topic: str
    key: bytes
    value: bytes | None
    partition: int | None = None
    time: int | None = None
    headers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What is read; offsets of a partition grow and are never used twice. `value` None is a deletion in a compacted topic."""

    topic: str
    partition: int
    offset: int
    time: int
    key: bytes
    value: bytes | None
    headers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BusHealth:
    """How the bus is: `detail` names what is wrong, sizes are bytes on disk where the engine knows them."""

    ok: bool
    detail: str = ""
    size: int = 0
    free: int | None = None


class Consumer(Protocol):
    """A member of a consumer group, or, with group None, a reader that sees every partition on its own."""

    def poll(self, timeout: float, max_bytes: int = 8 << 20) -> list[Record]:
        """Records in order per partition, at least one if any is there, [] after `timeout` seconds without any.

        Raises:
            BusUnavailable: the engine is away; call again later, nothing is skipped.
        """

    def commit(self, positions: Mapping[Place, int]) -> None:
        """Remember durably the offsets to read next."""

    def seek(self, place: Place, offset: int) -> None:
        """Read `place` from `offset` on."""

    def assignment(self) -> frozenset[Place]:
        """The partitions this member reads now."""

    def close(self) -> None:
        """Leave the group."""


class Bus(Protocol):
    """One engine; its methods may be called from any thread."""

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Make the topics that are absent, apply retention to those that exist; refuses to change a partition count."""

    def append(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        """Append all, in order per partition; durable on return. The partition and offset of each.

        Raises:
            MessageTooLarge: one is over its topic's limit; nothing was appended.
            BusUnavailable: the engine is away or full; some may have been appended.
        """

    def consumer(
        self, group: str | None, topics: Sequence[str], start: Callable[[Place], int | None] | None = None
    ) -> Consumer:
        """A consumer; `start` may name the offset a partition begins at when it is assigned (None: the committed one, else the first)."""

    def ends(self, topic: str) -> dict[int, int]:
        """The next offset of every partition."""

    def lag(self, group: str, topic: str) -> dict[int, int]:
        """Records of every partition that the group has not committed."""

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The offset that the group has committed, of every partition where it has."""

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""

    def health(self) -> BusHealth:
        """How the engine is; never raises."""

    def close(self) -> None:
        """Let go of files, threads and connections."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
