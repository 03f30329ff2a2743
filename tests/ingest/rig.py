"""An intake on a bus in memory, a clock turned by hand, and what came out of it in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hub.batch import Batch, decode_batch
from hub.bus import Record
from hub.buses.memory import MemoryBus
from hub.catalogue import Catalogue, Change, Device, DevicePut
from hub.clock import ManualClock
from hub.dead_letter import DeadLetter, decode_dead_letter
from hub.event import DeviceEvent, decode_event
from hub.model import QUALITY_LETTERS
from hub.settings import IngestSection, MappingSection
from hub.topics import DEAD_LETTERS, EVENTS, FRAMES, OBSERVATIONS, topics
from ingest.intake import Deliveries, Intake
from ingest.mapping import DeviceMapping
from ingest.register import Register
from ingest.router import Router

NOW = 1_767_225_600_000
"""2026-01-01T00:00:00Z"""

STATION = "water-bureau/water/w1"
TOPIC = f"hub/{STATION}/telemetry"


@dataclass(frozen=True, order=True)
class Row:
    """One stored value."""

    station: str
    time: int
    name: str
    value: float | None
    quality: str
    checks: int


def deliver(*messages: tuple[str, bytes], tokens: bool = True) -> Deliveries:
    """Messages as a reader brings them."""
    count = len(messages)
    return Deliveries(
        [topic.encode() for topic, _ in messages],
        [payload for _, payload in messages],
        list(range(1, count + 1)) if tokens else [0] * count,
    )


def rows_of(batch: Batch) -> list[Row]:
    """The values of a batch, absent ones as None."""
    found = []
    for block in batch.blocks:
        zeros = np.zeros(block.value.shape, np.uint8)
        quality = zeros if block.quality is None else block.quality
        checks = zeros if block.checks is None else block.checks
        for row, (station, time) in enumerate(zip(block.station.tolist(), block.time.tolist(), strict=True)):
            for column, name in enumerate(block.properties):
                value = float(block.value[row, column])
                letter = QUALITY_LETTERS[quality[row, column]]
                kept = None if np.isnan(value) else value
                found.append(Row(batch.stations[station], time, name, kept, letter, int(checks[row, column])))
    return found


class Ledger:
    """The register's changes, followed without a thread."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    @property
    def version(self) -> int:
        """How many changes there are."""
        return len(self.changes)

    def bring(self, catalogue: Catalogue, version: int | None = None) -> list[Change]:
        """Apply to `catalogue` what it lacks."""
        new = self.changes[catalogue.version : version]
        catalogue.apply_all(new)
        return new


class Rig:
    """`rig.take(...)`, then look at `rig.rows()`, `rig.letters()`, `rig.events()`, `rig.frames()`."""

    def __init__(
        self,
        *devices: Device,
        fast: bool = True,
        partitions: int = 2,
        settings: IngestSection | None = None,
        mappings: tuple[MappingSection, ...] = (),
    ) -> None:
        self.clock = ManualClock(NOW)
        self.bus = MemoryBus(self.clock)
        self.bus.ensure_topics(topics(partitions))
        self.ledger = Ledger()
        self.change(*(DevicePut(device) for device in devices or (Device(STATION),)))
        router = Router([DeviceMapping(section, "water-bureau") for section in mappings])
        self.intake = Intake(
            self.bus,
            Register(self.ledger),
            settings or IngestSection(),
            self.clock,
            source="test",
            router=router,
            fast=fast,
        )

    def change(self, *changes: Change) -> None:
        """Change the register."""
        self.ledger.changes += changes

    def take(self, *messages: tuple[str, bytes]) -> list[int]:
        """Take messages and flush; the tokens that became durable."""
        self.intake.take(deliver(*messages))
        return self.intake.flush()

    def records(self, topic: str) -> list[Record]:
        """Everything on a topic."""
        consumer = self.bus.consumer(None, [topic])
        found: list[Record] = []
        while records := consumer.poll(0):
            found += records
        consumer.close()
        return found

    def batches(self) -> list[Batch]:
        """Every batch of observations."""
        return [decode_batch(record.value or b"") for record in self.records(OBSERVATIONS)]

    def rows(self) -> list[Row]:
        """Every stored value, sorted."""
        return sorted((row for batch in self.batches() for row in rows_of(batch)), key=repr)

    def letters(self) -> list[DeadLetter]:
        """Every dead letter."""
        return [decode_dead_letter(record.value or b"") for record in self.records(DEAD_LETTERS)]

    def events(self) -> list[DeviceEvent]:
        """Every finding and status."""
        return [decode_event(record.value or b"") for record in self.records(EVENTS)]

    def frames(self) -> list[tuple[bytes, Mapping[str, bytes], int]]:
        """Every frame as (key, headers, size)."""
        return [(record.key, record.headers, len(record.value or b"")) for record in self.records(FRAMES)]

    def outcome(self) -> dict[str, Any]:
        """All of it in plain words, as the golden cases keep it."""
        return {
            "rows": [
                [row.station, row.time, row.name, row.value, row.quality, row.checks]
                for batch in self.batches()
                for row in rows_of(batch)
            ],
            "events": [
                [e.kind, e.station, e.time, e.type, e.level, e.text, e.values, e.time_assumed] for e in self.events()
            ],
            "frames": [
                {name: value.decode() for name, value in headers.items()} | {"camera": key.decode(), "size": size}
                for key, headers, size in self.frames()
            ],
            "dead_letters": [[letter.reason, letter.detail, letter.device] for letter in self.letters()],
        }
