"""Some rows of a file as columns, with the line of each row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from hub.batch import Ints
from ingest.imports.faults import Faults

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Array = Any
"""A pyarrow array: its stubs know no type for one whose kind the file decides."""

pc: Final[Any] = pyarrow.compute
"""Its stubs choose by a column's kind, which only the file decides."""

NO_CELL: Final = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Columns (n,) by name, and the line each row stands on (n,)."""

    columns: Mapping[str, Array]
    line: Ints

    def __len__(self) -> int:
        return len(self.line)

    def words(self, name: str) -> tuple[Codes, list[str]]:
        """A column's cells as numbers into its different words, blanks around them taken off; no cell is an empty word."""
        text = self.text(name)
        encoded = pc.dictionary_encode(text)
        words = [word.strip() for word in encoded.dictionary.to_pylist()]
        return numpy_of(encoded.indices).astype(np.int64), words

    def text(self, name: str) -> Array:
        """A column as text, without nulls."""
        column = self.columns[name]
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if not pa.types.is_string(column.type):
            column = pc.cast(column, pa.string())
        return pc.fill_null(column, NO_CELL) if column.null_count else column


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Rows of a file, what was wrong with its other lines, and how much of the file is `done` (bytes, or rows of Parquet)."""

    sheet: Sheet
    faults: Faults
    done: int


class Source(Protocol):
    """A file: its columns' names, its size, and its rows."""

    names: tuple[str, ...]
    size: int

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """The rows, some at a time, with these columns."""


def combined(columns: Sequence[tuple[Codes, Sequence[str]]]) -> tuple[Codes, list[tuple[str, ...]]]:
    """Several columns of words as one: a number for each combination that occurs, and the combinations."""
    code, sizes = columns[0][0], [len(words) for _, words in columns]
    for (more, _), size in zip(columns[1:], sizes[1:], strict=True):
        code = code * size + more
    encoded = pc.dictionary_encode(pa.array(code))
    found = []
    for number in encoded.dictionary.to_pylist():
        words: list[str] = []
        rest = number
        for (_, names), size in zip(reversed(columns), reversed(sizes), strict=True):
            rest, place = divmod(rest, size)
            words.insert(0, names[place])
        found.append(tuple(words))
    return numpy_of(encoded.indices).astype(np.int64), found


def numpy_of(column: Array) -> NDArray[Any]:
    """A column without nulls as numpy has it."""
    found: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return found
