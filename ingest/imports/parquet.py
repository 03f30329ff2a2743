"""Parquet files batch by batch; a row's number, from 1 on, stands for its line."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hub.errors import ConfigError, Fault
from ingest.imports.faults import Faults
from ingest.imports.sheet import Piece, Sheet

_ROWS: Final = 200_000


class ParquetFile:
    """A Parquet file; `size` counts its rows."""

    def __init__(self, path: Path) -> None:
        """Read its footer.

        Raises:
            ConfigError: it is no Parquet file.
        """
        try:
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            raise ConfigError([Fault(str(path), 0, "", f"cannot be read as Parquet: {error}")]) from error
        self._path = path
        self.size = self._file.metadata.num_rows
        self.names = tuple(self._file.schema_arrow.names)

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """The rows, some at a time, with these columns.

        Raises:
            ConfigError: its pages are damaged.
        """
        row = 0
        try:
            for batch in self._file.iter_batches(_ROWS, columns=list(columns)):
                arrays = {name: batch.column(name) for name in columns}
                line = np.arange(row + 1, row + 1 + batch.num_rows)
                row += batch.num_rows
                yield Piece(Sheet(arrays, line), Faults(), row)
        except (OSError, pa.ArrowException) as error:
            raise ConfigError([Fault(str(self._path), row, "", f"cannot be read on: {error}")]) from error
