"""One import: look at everything first, and only when nothing is wrong give it to a sink."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from hub.catalogue import Catalogue
from hub.errors import ConfigError, Fault
from hub.model import Check
from ingest.imports.comma import CommaFile
from ingest.imports.faults import RowFault
from ingest.imports.mapping import FileMapping
from ingest.imports.parquet import ParquetFile
from ingest.imports.plan import plan_of
from ingest.imports.rows import Part, Reader
from ingest.imports.sheet import Source
from ingest.imports.sinks import Sink
from ingest.imports.streams import Streams
from ingest.imports.times import FIRST

_PARQUET: Final = b"PAR1"
_RANGE: Final = np.uint8(Check.RANGE)
Told = Callable[[int], object]
"""Is told how much of the file is done."""


@dataclass(slots=True)
class Counts:
    """What a file holds; times epoch ms, `out_of_range` values are kept and flagged."""

    rows: int = 0
    values: int = 0
    out_of_range: int = 0
    faults: int = 0
    first: int | None = None
    last: int | None = None
    stations: set[str] = field(default_factory=set)

    def add(self, part: Part) -> None:
        """Count one part."""
        self.rows += part.rows
        self.faults += len(part.faults)
        for block in part.blocks:
            self.values += int(np.count_nonzero(~np.isnan(block.value)))
            if block.checks is not None:
                self.out_of_range += int(
                    np.count_nonzero(block.checks & _RANGE & (~np.isnan(block.value)).view(np.uint8))
                )
            first, last = int(block.time.min()), int(block.time.max())
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)
            self.stations.update(part.stations[int(number)] for number in np.unique(block.station))


class Import:
    """A file as it would be imported: times in [earliest, latest] epoch ms, `earliest` None where the store keeps everything."""

    def __init__(
        self,
        path: Path,
        mapping: FileMapping,
        catalogue: Catalogue,
        *,
        latest: int,
        earliest: int | None = None,
        auto_properties: bool = False,
    ) -> None:
        """Read header and mapping.

        Raises:
            ConfigError: the file cannot be read so, or columns are missing.
        """
        self._path = path
        self._source = _open(path, mapping)
        self._plan = plan_of(str(path), self._source.names, mapping)
        streams = Streams(catalogue, auto_properties=auto_properties)
        self._reader = Reader(self._plan, streams, max(FIRST, FIRST if earliest is None else earliest), latest)
        self._state = _state(path)

    @property
    def size(self) -> int:
        """The end of what `Told` is told."""
        return self._source.size

    def check(self, fault: Callable[[RowFault], object], told: Told) -> Counts:
        """Look at every row; each mistake is given to `fault`."""
        counts = Counts()
        for part in self._parts(told):
            counts.add(part)
            for one in part.faults:
                fault(one)
        return counts

    def store(self, sink: Sink, told: Told) -> None:
        """Give every reading to the sink; durable on return.

        Raises:
            ConfigError: the file is not the one that was checked any more.
            StoreUnavailable, BusUnavailable: as the sink says.
        """
        for part in self._parts(told):
            if part.faults or _state(self._path) != self._state:
                raise ConfigError([Fault(str(self._path), 0, "", "was changed while it was imported; import it again")])
            sink.take(part)
        sink.finish()

    def _parts(self, told: Told) -> Iterator[Part]:
        for piece in self._source.pieces(self._plan.columns):
            yield self._reader.part(piece)
            told(piece.done)


def _open(path: Path, mapping: FileMapping) -> Source:
    try:
        with path.open("rb") as file:
            parquet = file.read(len(_PARQUET)) == _PARQUET
    except OSError as error:
        raise ConfigError([Fault(str(path), 0, "", f"cannot be read: {error.strerror}")]) from error
    return ParquetFile(path) if parquet else CommaFile(path, mapping)


def _state(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - one call, as cheap as it is
    return found.st_size, found.st_mtime_ns
