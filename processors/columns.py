"""The readings of one batch as flat columns in (series, time) order: the form every check and rule works on."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from hub.batch import Batch, Block, Bytes, Floats, Ints
from hub.series_index import SeriesIndex

NEVER: Final = -(1 << 62)
"""A time before every other one; far enough from the ends of int64 that differences do not overflow."""

Places = NDArray[np.intp]
Flags = NDArray[np.bool_]
_RADIX: Final = 1 << 16


def ranges(starts: Ints | Places, counts: Ints | Places) -> Places:
    """The numbers start..start+count-1 of each pair, one after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    result: Places = np.arange(total, dtype=np.intp) + np.repeat(starts - (ends - counts), counts)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Values with series number, time (epoch ms), quality code and check bits; all columns (n,)."""

    sid: Ints
    time: Ints
    value: Floats
    quality: Bytes
    checks: Bytes

    @classmethod
    def none(cls) -> Self:
        """No readings."""
        flags = np.empty(0, np.uint8)
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), flags, flags)

    def __len__(self) -> int:
        return len(self.sid)

    def take(self, which: Places | Flags) -> "Readings":
        """The chosen rows."""
        return Readings(self.sid[which], self.time[which], self.value[which], self.quality[which], self.checks[which])

    def join(self, other: "Readings") -> "Readings":
        """Both, these first."""
        return Readings(
            np.concatenate((self.sid, other.sid)),
            np.concatenate((self.time, other.time)),
            np.concatenate((self.value, other.value)),
            np.concatenate((self.quality, other.quality)),
            np.concatenate((self.checks, other.checks)),
        )

    def ordered(self) -> "Readings":
        """By series and time; equal times stay as they came."""
        if len(self) < 2:
            return self
        # numpy sorts 16-bit numbers by radix, several times quicker than wider ones
        key = self.sid.astype(np.uint16) if int(self.sid.max()) < _RADIX else self.sid
        found = self.take(np.argsort(key, kind="stable"))
        if np.any((found.time[1:] < found.time[:-1]) & (found.sid[1:] == found.sid[:-1])):
            found = self.take(np.lexsort((self.time, self.sid)))
        return found

    def firsts(self) -> Flags:
        """Which rows are the first of their series; the rows must be ordered."""
        first = np.empty(len(self), np.bool_)
        first[:1] = True
        np.not_equal(self.sid[1:], self.sid[:-1], out=first[1:])
        return first


class SeriesTable:
    """Numbers for stations and series, with a table per set of properties so that a block is numbered by one look-up."""

    def __init__(self, stations: list[str] | None = None, keys: list[tuple[str, str]] | None = None) -> None:
        self.index = SeriesIndex(keys)
        self.stations: list[str] = list(stations or [])
        self._number = {station: number for number, station in enumerate(self.stations)}
        self._tables: dict[tuple[str, ...], Ints] = {}

    def station(self, name: str) -> int:
        """The station's number, a new one at first sight."""
        number = self._number.get(name)
        if number is None:
            number = self._number[name] = len(self.stations)
            self.stations.append(name)
        return number

    def numbers(self, batch: Batch) -> Ints:
        """The number of each station that the batch lists."""
        known = list(map(self._number.get, batch.stations))
        if None in known:
            return np.fromiter(map(self.station, batch.stations), np.int64, len(batch.stations))
        return np.array(known, np.int64)

    def columns(self, batch: Batch, numbers: Ints) -> Readings:
        """The batch's present values, ordered."""
        parts = [self._flat(block, numbers) for block in batch.blocks if block.value.size]
        if not parts:
            return Readings.none()
        found = parts[0]
        if len(parts) > 1:
            fields = zip(*((part.sid, part.time, part.value, part.quality, part.checks) for part in parts), strict=True)
            found = Readings(*map(np.concatenate, fields))
        return found.ordered()

    def matrix(self, block: Block, numbers: Ints) -> Ints:
        """The series number of each value of a block, shape (n, p)."""
        stations = numbers[block.station]
        table = self._tables.get(block.properties)
        if table is None or len(table) < len(self.stations):
            table = self._grown(block.properties, table)
        found: Ints = table[stations]
        if len(found) and block.properties and int(found[:, 0].min()) < 0:
            for number in np.unique(stations[found[:, 0] < 0]):
                station = self.stations[int(number)]
                table[number] = [self.index.sid(station, name) for name in block.properties]
            found = table[stations]
        return found

    def _grown(self, properties: tuple[str, ...], table: Ints | None) -> Ints:
        grown = np.full((len(self.stations) * 3 // 2 + 64, len(properties)), -1, np.int64)
        if table is not None:
            grown[: len(table)] = table
        self._tables[properties] = grown
        return grown

    def _flat(self, block: Block, numbers: Ints) -> Readings:
        value = block.value.ravel()
        found = Readings(
            self.matrix(block, numbers).ravel(),
            np.repeat(block.time, len(block.properties)),
            value,
            _flags(block.quality, value.size),
            _flags(block.checks, value.size),
        )
        absent = np.isnan(value)
        return found.take(~absent) if absent.any() else found


def _flags(flags: Bytes | None, size: int) -> Bytes:
    return np.zeros(size, np.uint8) if flags is None else flags.ravel()
