"""What the comparison asks of every engine."""

from pathlib import Path
from typing import Protocol

from benchmarks.history.load import Answer, Load
from storage.series import Incoming


class Engine(Protocol):
    """One engine on a folder or server of its own, empty at first. Answers have the form of `load.plain_answers`."""

    name: str
    most: int | None
    """So many readings are written in order of arrival; the others by `fill`, quicker. None: all in order of arrival."""

    @property
    def settings(self) -> tuple[str, ...]:
        """What was set, and what a reader must know to judge the figures; one sentence each."""

    def write(self, batch: Incoming) -> None:
        """Store one batch, as durably as the engine can."""

    def finish(self) -> None:
        """Do, or wait for, what the engine had put off: sealing, merging, checkpoints."""

    def fill(self, load: Load) -> None:
        """Hold all readings instead of the `most` first ones, however that is quickest."""

    def cpu(self) -> float:
        """Core-seconds used so far, ours for it and its server's."""

    def size(self) -> int:
        """Bytes on disk."""

    def latest(self, start: int, end: int) -> Answer:
        """The newest value of each series."""

    def raw(self, start: int, end: int) -> Answer:
        """Values and flags of ONE."""

    def hours(self, start: int, end: int) -> Answer:
        """Mean, least, greatest, count and p95 of each hour's valid values of ONE."""

    def days(self, start: int, end: int) -> Answer:
        """Mean and p95 of each day's valid values of HUNDRED, one series after the other."""

    def exceedances(self, start: int, end: int) -> Answer:
        """Which of TWO_HUNDRED had the most valid values beyond LIMIT, and how many."""

    def close(self) -> None:
        """Let go of everything."""


def bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
