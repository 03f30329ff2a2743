"""Small integers for (station, property), so that columns can be worked on as arrays."""

import numpy as np
from numpy.typing import NDArray

from hub.batch import Block

Sids = NDArray[np.int64]


class SeriesIndex:
    """Numbers series in the order they are first seen; a number is never given twice."""

    def __init__(self, keys: list[tuple[str, str]] | None = None) -> None:
        self.keys: list[tuple[str, str]] = list(keys or [])
        self._sid = {key: sid for sid, key in enumerate(self.keys)}
        self._rows: dict[tuple[str, tuple[str, ...]], Sids] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def get(self, station: str, property_: str) -> int | None:
        """The series' number, None when it was never seen."""
        return self._sid.get((station, property_))

    def sid(self, station: str, property_: str) -> int:
        """The series' number, a new one at first sight."""
        key = (station, property_)
        sid = self._sid.get(key)
        if sid is None:
            sid = self._sid[key] = len(self.keys)
            self.keys.append(key)
        return sid

    def matrix(self, stations: tuple[str, ...], block: Block) -> Sids:
        """The series number of each value of a block, shape (n, p)."""
        if not len(block):
            return np.empty(block.value.shape, np.int64)
        used, inverse = np.unique(block.station, return_inverse=True)
        table = np.stack([self._row(stations[int(station)], block.properties) for station in used])
        rows: Sids = table[inverse]
        return rows

    def _row(self, station: str, properties: tuple[str, ...]) -> Sids:
        key = (station, properties)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = np.array([self.sid(station, name) for name in properties], np.int64)
        return row
