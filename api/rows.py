"""Observations on the way out: values in columns merged by time, as JSON items or as pieces of a file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from api.context import Register
from api.files.table import Row, written
from api.times import write_times
from hub.batch import Bytes, Floats, Ints
from hub.model import QUALITY_LETTERS, Check
from storage.series import Points

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: Final = ("department", "kind", "device", "property", "time", "value", "unit", "quality", "checks", "zone")
NUMBERS: Final = frozenset({"value"})
TIMES: Final = frozenset({"time"})

PIECE: Final = 5_000
"""Rows of a piece: some milliseconds of work, also for whoever compresses its text on the event loop."""

_CHECK_WORDS: Final = tuple(Check(bits).words() for bits in range(64))
_CHECK_TEXTS: Final = tuple(" ".join(words) for words in _CHECK_WORDS)
_KNOWN_CHECKS: Final = 63


def place_of(station: str) -> dict[str, str]:
    """The station's three words as fields of an answer."""
    department, kind, device = station.split("/", 2)
    return {"department": department, "kind": kind, "device": device}


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Values of several series in order of time, all columns (n,): `which` into `heads` and `units`, time ms, value, quality codes, check bits."""

    heads: Sequence[tuple[str, str, str, str]]
    units: Sequence[str]
    which: NDArray[np.intp]
    time: Ints
    value: Floats
    quality: Bytes
    checks: Bytes
    zone: str

    def __len__(self) -> int:
        return len(self.time)

    def pieces(self) -> "Iterator[Observed]":
        """The same, some rows at a time."""
        for first in range(0, len(self), PIECE):
            part = slice(first, first + PIECE)
            columns = (self.which[part], self.time[part], self.value[part], self.quality[part], self.checks[part])
            yield Observed(self.heads, self.units, *columns, self.zone)

    def cells(self) -> Iterator[tuple[int, str, float, int, int]]:
        """(which series, time, value, quality code, check bits) of each row."""
        return zip(
            self.which.tolist(),
            write_times(self.time, self.zone),
            self.value.tolist(),
            self.quality.tolist(),
            self.checks.tolist(),
            strict=True,
        )

    def rows(self) -> Iterator[Row]:
        """As tuples in the order of COLUMNS."""
        heads, units, zone = self.heads, self.units, self.zone
        return (
            (*heads[which], time, value, units[which], QUALITY_LETTERS[quality], _CHECK_TEXTS[checks], zone)
            for which, time, value, quality, checks in self.cells()
        )

    def lines(self) -> str:
        """As lines of CSV: what comes before and after a row's time and value is written once for all rows alike."""
        heads = [written([head])[:-2] for head in self.heads]
        kinds, tail = np.unique(self._kind(), return_inverse=True)
        tails = [self._tail(int(kind)) for kind in kinds]
        columns = zip(
            self.which.tolist(),
            write_times(self.time, self.zone),
            self.value.tolist(),
            tail.tolist(),
            strict=True,
        )
        return "".join([f"{heads[which]},{time},{value!r},{tails[kind]}" for which, time, value, kind in columns])

    def _kind(self) -> Ints:
        """One number for each combination of series, quality and checks."""
        return (self.which.astype(np.int64) << 16) | (self.quality.astype(np.int64) << 8) | self.checks

    def _tail(self, kind: int) -> str:
        which, quality, checks = kind >> 16, kind >> 8 & 255, kind & 255
        return written([(self.units[which], QUALITY_LETTERS[quality], _CHECK_TEXTS[checks], self.zone)])

    def arrays(self, schema: "pa.Schema") -> "pa.RecordBatch":
        """As columns of Arrow."""
        import pyarrow as pa

        def worded(index: NDArray[Any], words: Sequence[str]) -> "pa.Array[Any]":
            coded = pa.DictionaryArray.from_arrays(index.astype(np.int32), pa.array(words, pa.string()))
            return coded.cast(pa.string())

        names = [worded(self.which, [head[place] for head in self.heads]) for place in range(4)]
        zone = worded(np.zeros(len(self), np.int32), [self.zone])
        columns = [
            *names,
            pa.array(self.time).cast(schema.field("time").type),
            pa.array(self.value),
            worded(self.which, self.units),
            worded(self.quality, QUALITY_LETTERS),
            worded(self.checks, _CHECK_TEXTS),
            zone,
        ]
        return pa.record_batch(columns, schema=schema)


def observed(points: Iterable[Points], register: Register, zone: str) -> Observed:
    """The values of all these series in order of time, then series."""
    merged = list(points)
    heads = [_head(one) for one in merged]
    units = [register.unit(one.series.station, one.series.property) for one in merged]
    which = np.repeat(np.arange(len(merged)), [len(one.time) for one in merged])
    empty = np.empty(0, np.int64)
    time = np.concatenate([empty, *(one.time for one in merged)])
    order = np.argsort(time, kind="stable")
    value = np.concatenate([np.empty(0), *(one.value for one in merged)])
    quality = np.concatenate([np.empty(0, np.uint8), *(one.quality for one in merged)])
    checks = np.concatenate([np.empty(0, np.uint8), *(one.checks for one in merged)]) & np.uint8(_KNOWN_CHECKS)
    quality = np.where(quality < len(QUALITY_LETTERS), quality, np.uint8(0))
    return Observed(heads, units, which[order], time[order], value[order], quality[order], checks[order], zone)


def _head(one: Points) -> tuple[str, str, str, str]:
    department, kind, device = one.series.station.split("/", 2)
    return department, kind, device, one.series.property


def items_of(points: Iterable[Points], register: Register, zone: str) -> list[dict[str, Any]]:
    """The items of a page, oldest first over all its series."""
    found = observed(points, register, zone)
    names = ("department", "kind", "device", "property")
    heads = [dict(zip(names, head, strict=True)) for head in found.heads]
    return [
        {
            **heads[which],
            "time": time,
            "value": value,
            "unit": found.units[which],
            "quality": QUALITY_LETTERS[quality],
            "checks": _CHECK_WORDS[checks],
        }
        for which, time, value, quality, checks in found.cells()
    ]
