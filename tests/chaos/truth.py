"""What truly was: the acknowledged readings of a run, and what the plain oracle says of them."""

import json
from dataclasses import dataclass
from pathlib import Path

from hub.alert import AlertTransition
from hub.catalogue import Catalogue
from tests.processors.oracle import Oracle
from tests.processors.worlds import Row, a_batch

Point = tuple[str, str, int]
"""Station, property, epoch ms."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Truth:
    """The messages of a run in order of time."""

    rows: tuple[Row, ...]

    @classmethod
    def read(cls, path: Path) -> "Truth":
        """The acknowledged telemetry of a truth file."""
        rows = []
        for line in path.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            if said["kind"] == "message" and said["acknowledged"] and said["topic"].endswith("/telemetry"):
                station = said["topic"].removeprefix("hub/").removesuffix("/telemetry")
                rows.append(Row(station, said["time"], said["truth"], {}))
        return cls(tuple(sorted(rows, key=lambda row: row.time)))

    def and_one_more(self) -> "Truth":
        """The same, and a reading that was never sent: whoever counts must miss it."""
        last = self.rows[-1]
        return Truth((*self.rows, Row(last.station, last.time + 1, last.values, {})))

    def points(self) -> dict[Point, float]:
        """Every value by its place and time."""
        return {(row.station, name, row.time): value for row in self.rows for name, value in row.values.items()}

    def transitions(self, catalogue: Catalogue) -> list[AlertTransition]:
        """What the oracle says when everything comes once and in order."""
        oracle, found = Oracle(), []
        for first in range(0, len(self.rows), _AT_ONCE):
            # One moment for all: no clock moves, so nothing is `unknown`.
            found += oracle.process(a_batch(list(self.rows[first : first + _AT_ONCE]), 1, catalogue.version), catalogue)
        return found
