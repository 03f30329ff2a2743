"""How each running part is, as a small file that the part replaces every second and the serve part reads."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from hub.clock import Clock
from hub.files import write_atomic

FOLDER: Final = "health"
EVERY: Final = 1.0
"""Seconds between two writes."""


class PartHealth(msgspec.Struct, frozen=True):
    """One part's own word: `at` epoch ms of its last write, `detail` what is wrong or what it does."""

    role: str
    pid: int
    at: int
    ok: bool
    detail: str = ""
    counters: dict[str, float] = {}


@dataclass(slots=True)
class HealthFile:
    """Writes one part's file, `DATA/health/ROLE.json`; a disk that is full must not stop the part, so failures are let
    go.
    """

    folder: Path
    role: str
    clock: Clock
    _next: float = 0.0

    def write(self, *, ok: bool, detail: str, counters: Mapping[str, float]) -> None:
        """Replace the file."""
        self._next = self.clock.monotonic() + EVERY
        health = PartHealth(self.role, os.getpid(), self.clock.now(), ok, detail, dict(counters))
        try:
            write_atomic(self.folder / FOLDER / f"{self.role}.json", json.dumps(msgspec.to_builtins(health)).encode())
        except OSError:
            return

    def due(self) -> bool:
        """Whether a second has passed since the last write."""
        return self.clock.monotonic() >= self._next

    def remove(self) -> None:
        """The part ends as it should: nothing is to be missed."""
        (self.folder / FOLDER / f"{self.role}.json").unlink(missing_ok=True)


def read_health(folder: Path) -> dict[str, PartHealth]:
    """What every part under a data folder last said, by role; files that nobody of ours wrote are passed over."""
    found: dict[str, PartHealth] = {}
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            health = msgspec.json.decode(path.read_bytes(), type=PartHealth)
        except (OSError, msgspec.DecodeError):
            continue
        found[health.role] = health
    return found
