"""The truth file: one JSON line for the run, for every message or record and whether it was acknowledged, and for everything that happened."""

import json
import threading
from pathlib import Path
from typing import IO

from simulators.course import Record
from simulators.message import Outgoing
from simulators.scenario import Scenario


class TruthFile:
    """Writes what truly was; a message is written once, when its PUBACK came, or at the end as not acknowledged."""

    def __init__(self, path: Path | None) -> None:
        self._file: IO[str] | None = path.open("w", encoding="utf-8") if path else None
        self._lock = threading.Lock()
        self.acknowledged = 0

    def run(self, scenario: Scenario, seed: int, start: int, speed: float) -> None:
        """The first line."""
        self._write({"kind": "run", "scenario": scenario.name, "seed": seed, "start": start, "speed": speed})
        for item in scenario.happenings:
            self._write(
                {
                    "kind": "happening",
                    "device": item.device,
                    "what": item.what,
                    "property": item.property,
                    "start": start + round(item.at * 1000),
                    "end": start + round((item.at + item.lasts) * 1000),
                    "every": item.every,
                    "to": item.to,
                    **({"alarm": item.alarm} if item.alarm else {}),
                }
            )

    def message(self, message: Outgoing, *, acknowledged: bool) -> None:
        """One message and whether the broker has it."""
        self.acknowledged += acknowledged
        if self._file is not None:
            line = {"kind": "message", "topic": message.topic, "time": message.moment, "truth": dict(message.truth)}
            self._write({**line, "acknowledged": acknowledged})

    def record(self, station: str, record: Record) -> None:
        """One report of a device that speaks a field protocol; told once, when its answer came, or at the end as not acknowledged."""
        line = {"kind": "record", "station": station, "time": record.moment, "truth": dict(record.truth)}
        self._write({**line, "acknowledged": record.acknowledged})

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()

    def _write(self, line: dict[str, object]) -> None:
        if self._file is not None:
            with self._lock:
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._file.flush()
