"""The engines that the contract holds for, as a test takes hold of them."""

import uuid
from pathlib import Path

from hub.bus import Bus
from hub.buses import embedded_folder, open_bus
from hub.buses.embedded import EmbeddedBus
from hub.buses.memory import MemoryBus
from hub.clock import ManualClock
from hub.topics import TopicSpec


class Engine:
    """One engine with one log; `open` gives another handle on it, as another process would have."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.data = data
        self.clock = ManualClock()
        self._opened: list[Bus] = []
        self._mark = uuid.uuid4().hex[:8]

    def name(self, word: str) -> str:
        """A topic or group of this test's own, since a Kafka serves many tests."""
        return f"{self._mark}.{word}"

    def open(self) -> Bus:
        """A bus on the log."""
        bus = self._open()
        self._opened.append(bus)
        return bus

    def with_topic(self, partitions: int = 1, word: str = "topic", **more: int | bool | None) -> tuple[Bus, str]:
        """A bus and a fresh topic on it."""
        bus, topic = self.open(), self.name(word)
        bus.ensure_topics([TopicSpec(topic, partitions, **more)])  # type: ignore[arg-type]
        return bus, topic

    def pass_time(self, milliseconds: int) -> None:
        """Let the engine's own upkeep happen `milliseconds` later."""
        raise NotImplementedError

    def close(self) -> None:
        """Close every handle."""
        for bus in self._opened:
            bus.close()

    def _open(self) -> Bus:
        return open_bus(self.url, self.data)


class Memory(Engine):
    """The bus in memory; every handle is the same bus."""

    def __init__(self, data: Path) -> None:
        super().__init__("memory://", data)
        self._bus = MemoryBus(self.clock)

    def pass_time(self, milliseconds: int) -> None:
        self.clock.advance(milliseconds)
        self._bus.upkeep()

    def _open(self) -> Bus:
        return self._bus


class Embedded(Engine):
    """The embedded log in a folder of the test's own."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"embedded://{data}", data)

    def pass_time(self, milliseconds: int) -> None:
        self.clock.advance(milliseconds)
        with EmbeddedBus(embedded_folder(self.url, self.data), clock=self.clock, upkeep=False) as bus:
            bus.upkeep()

    def _open(self) -> Bus:
        return EmbeddedBus(embedded_folder(self.url, self.data), clock=self.clock, upkeep=False)


class OnKafka(Engine):
    """Topics of the test's own on a Kafka that others use too."""
