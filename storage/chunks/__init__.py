"""The embedded engine: a log-structured chunk store in one SQLite file, DATA/series.db."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.errors import StoreUnavailable
from storage.chunks.reader import Reader
from storage.chunks.writer import SEGMENT_VALUES, Writer
from storage.series import Every, Incoming, Page, Points, Rejected, Select, StoreHealth, Windows

_MOST_WAITING = 8


class ChunkStore:
    """The store in `folder`; `readonly` for every process but the one that writes."""

    def __init__(
        self,
        folder: Path,
        *,
        readonly: bool = False,
        retention_days: int | None = None,
        segment_values: int = SEGMENT_VALUES,
    ) -> None:
        """Open it; sealing begins when about `segment_values` values wait.

        Raises:
            StoreUnavailable: it has a writer already, or the file is not ours.
        """
        self._writer = None if readonly else Writer(folder, retention_days, segment_values)
        self._reader = Reader(folder)
        self._folder = folder

    @property
    def writer(self) -> Writer:
        """The writing half.

        Raises:
            StoreUnavailable: the store was opened for reading only.
        """
        if self._writer is None:
            raise StoreUnavailable(f"{self._folder} was opened for reading only")
        return self._writer

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        """Append all to the log; durable on return."""
        return self.writer.write(batches)

    def latest(self, select: Select) -> list[Points]:
        """The newest value of each series."""
        return self._reader.latest(select)

    def raw(self, select: Select, start: int, end: int, limit: int, cursor: str | None = None) -> Page:
        """Values in [start, end), oldest first."""
        return self._reader.raw(select, start, end, limit, cursor)

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each series whole."""
        return self._reader.scan(select, start, end)

    def windows(
        self, select: Select, start: int, end: int, every: Every, aggregates: Sequence[str], zone: str
    ) -> list[Windows]:
        """Aggregates of valid values per window."""
        return self._reader.windows(select, start, end, every, aggregates, zone)

    def maintain(self, now: int) -> None:
        """Sealing that waits, checkpoints, retention."""
        self.writer.maintain(now)

    def health(self) -> StoreHealth:
        """Size on disk, and what upkeep could not do."""
        size = sum(path.stat().st_size for path in self._folder.glob("series.db*"))
        if self._writer is None:
            return StoreHealth(ok=True, size=size)
        behind = self._writer.waiting > _MOST_WAITING
        detail = self._writer.trouble or ("sealing is behind" if behind else "")
        return StoreHealth(ok=not detail, detail=detail, size=size)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
        if self._writer is not None:
            self._writer.close()
