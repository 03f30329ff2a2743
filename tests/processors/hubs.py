"""A hub's bus with the processors on it, for tests: records in, alerts and dead letters out, parts that can be killed."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hub.alert import AlertTransition, decode_transition
from hub.batch import Batch, encode_batch
from hub.bus import Bus, Message, Record
from hub.buses import open_bus
from hub.catalogue import Change, encode_change, key_of
from hub.dead_letter import DeadLetter, decode_dead_letter
from hub.settings import Settings
from hub.topics import ALERTS, CATALOGUE, DEAD_LETTERS, OBSERVATIONS, topics
from tests.engines.waiting import wait_until

PATIENCE = 60.0


def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    wait_until(true, PATIENCE)


class Hub:
    """The bus of one hub; `settings` as the parts get them."""

    def __init__(self, data: Path, url: str, partitions: int) -> None:
        self.settings = Settings.model_validate(
            {
                "hub": {"data": str(data)},
                "engines": {"bus": url, "series": "embedded://"},
                "bus": {"partitions": partitions},
            }
        )
        self.data, self.partitions = data, partitions
        self.bus: Bus = open_bus(url, data)
        self.bus.ensure_topics(topics(partitions))
        self._parts: list[subprocess.Popen[bytes]] = []

    def change(self, changes: list[Change]) -> None:
        """Publish changes of the catalogue."""
        self.bus.append([Message(CATALOGUE, key_of(change).encode(), encode_change(change)) for change in changes])

    def observe(self, batches: list[Batch], partition: int = 0) -> None:
        """Append batches."""
        self.bus.append([Message(OBSERVATIONS, b"", encode_batch(batch), partition) for batch in batches])

    def start(self, part: str) -> subprocess.Popen[bytes]:
        """Run a part as a process; its log lies in the data folder."""
        with (self.data / f"{part}.out").open("ab") as log:
            command = [sys.executable, "-m", "tests.processors.worker", part, self.settings.model_dump_json()]
            self._parts.append(subprocess.Popen(command, stdout=log, stderr=log))
        return self._parts[-1]

    def read(self, topic: str) -> list[bytes]:
        """Everything on a topic."""
        ends = self.bus.ends(topic)
        found: list[Record] = []
        wanted = sum(ends.values())
        consumer = self.bus.consumer(None, [topic])
        while len(found) < wanted:
            found += consumer.poll(1.0)
        consumer.close()
        return [record.value for record in found if record.value is not None]

    def alerts(self) -> list[AlertTransition]:
        """The transitions on the bus, each (id, n) once, as the alerts' consumer takes them."""
        once: dict[tuple[str, int], AlertTransition] = {}
        for said in map(decode_transition, self.read(ALERTS)):
            kept = once.setdefault((said.id, said.n), said)
            assert kept == said, "the same (id, n) says something else"
        return sorted(once.values(), key=lambda said: (said.id, said.n))

    def dead_letters(self) -> list[DeadLetter]:
        """The dead letters on the bus."""
        return list(map(decode_dead_letter, self.read(DEAD_LETTERS)))

    def behind(self, group: str) -> int:
        """How many records the group has not committed."""
        return sum(self.bus.lag(group, OBSERVATIONS).values())

    def health(self, part: str) -> dict[str, object]:
        """What the part last said."""
        path = self.data / "health" / f"{part}.json"
        found: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def kill_soon(self, name: str, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Once the part works, let it live this much longer, then kill it."""
        until(lambda: bool(self.health(name)) or process.poll() is not None)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
        process.wait()

    def close(self) -> None:
        """End everything."""
        for part in self._parts:
            if part.poll() is None:
                part.kill()
            part.wait()
        self.bus.close()
