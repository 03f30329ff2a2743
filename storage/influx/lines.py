"""Line protocol in bulk: each series' beginning is escaped once and kept, numbers are written by the thousand.

    water,metric=ph,station=d/water/w1 v=7.31,q=0i,c=0i,vv=7.31 1780000000000

`v` is the value, always a float; `q` the quality code, `c` the check bits, both always there so that a correction overwrites them; `vv` the value
again, only when it is valid, so that means of valid values are computed by the server.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from hub.batch import Floats, Ints
from hub.series_index import SeriesIndex
from storage.columns import Columns, valid

_encoder: Final = msgspec.json.Encoder()
_ESCAPE: Final = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\="})


def _middle(code: int) -> bytes:
    quality, checks = divmod(code, 256)
    flags = f",q={quality}i,c={checks}i"
    good = bool(valid(np.array([quality], np.uint8), np.array([checks], np.uint8))[0])
    return (f"{flags},vv=" if good else flags).encode()


class LineBuilder:
    """Builds lines for the series of an index."""

    def __init__(self, index: SeriesIndex) -> None:
        self._index = index
        self._prefixes: list[bytes] = []
        self._middles: dict[int, bytes] = {}

    def lines(self, rows: Columns) -> list[bytes]:
        """One line for each row, without line ends; values must be finite."""
        return self.block(rows).split(b"\n") if len(rows) else []

    def block(self, rows: Columns) -> bytes:
        """All lines, one for each row; values must be finite."""
        self._catch_up()
        count = len(rows)
        parts: list[bytes] = [b""] * (5 * count)
        prefixes, values = self._prefixes, _numbers(rows.value)
        parts[0::5] = [prefixes[sid] for sid in rows.series.tolist()]
        parts[1::5] = values
        parts[4::5] = _numbers(rows.time)
        if rows.quality.any() or rows.checks.any():
            good = valid(rows.quality, rows.checks).tolist()
            parts[2::5] = self._flags(rows)
            parts[3::5] = [value if fine else b"" for value, fine in zip(values, good, strict=True)]
        else:
            parts[2::5] = [self._flag(0)] * count
            parts[3::5] = values
        parts[4::5] = [b" %b\n" % time for time in parts[4::5]]
        return b"".join(parts)[:-1]

    def _flags(self, rows: Columns) -> list[bytes]:
        codes = (rows.quality.astype(np.int64) * 256 + rows.checks).tolist()
        known = {code: self._flag(code) for code in set(codes)}
        return [known[code] for code in codes]

    def _flag(self, code: int) -> bytes:
        if code not in self._middles:
            self._middles[code] = _middle(code)
        return self._middles[code]

    def _catch_up(self) -> None:
        for station, name in self._index.keys[len(self._prefixes) :]:
            kind = station.split("/")[1]
            tags = f"metric={name.translate(_ESCAPE)},station={station.translate(_ESCAPE)}"
            self._prefixes.append(f"{kind.translate(_ESCAPE)},{tags} v=".encode())


def _numbers(column: Floats | Ints) -> Sequence[bytes]:
    """Each number as JSON writes it, the shortest that reads back the same: `7.0`, `1e-7`, `-3`."""
    return _encoder.encode(column.tolist())[1:-1].split(b",")
