"""The series store: what was observed, for years; two engines answer the same questions with the same numbers.

Times are int64 UTC epoch ms, ranges half-open [start, end), windows labelled by their start; values float64; arrays are numpy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hub.batch import Block, Bytes, Floats, Ints
from storage.limit import Limit

MOST_POINTS: Final = 1 << 25
"""Values that are held of one series at once: a leap year of seconds, 600 MB."""


@dataclass(frozen=True, slots=True)
class Select:
    """Which series: each word exact, or None for all; of `stations` (`department/kind/device`) only these, or all when there is none.

    Who only wants to know how valid values break a limit names it in `beyond`: values that keep it may be left out of a scan.
    """

    department: str | None = None
    kind: str | None = None
    device: str | None = None
    properties: tuple[str, ...] = ()
    valid_only: bool = False
    stations: tuple[str, ...] = ()
    beyond: Limit | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One bus batch's readings as they are stored; flags already include the hub's checks."""

    stations: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Values the engine itself refused (a bad line, past retention), with the engine's words."""

    station: str
    property: str
    time: int
    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Series:
    """One (station, property)."""

    station: str
    property: str


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Values of one series in time order: time (n,) ms, value (n,), quality (n,) codes, checks (n,) bits.

    `left_out` more were selected, keep the limit that was named, and stand next to none that breaks it.
    """

    series: Series
    time: Ints
    value: Floats
    quality: Bytes
    checks: Bytes
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page of raw values, oldest first over all selected series, and the cursor of the next (None: no more)."""

    points: tuple[Points, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Every:
    """The window: `count` of unit s, m, h (epoch-aligned in the zone's offset) or 1 of d, w (Monday), mo, y in the site's zone."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Non-empty windows of one series: start (n,) ms and one array (n,) for each aggregate asked."""

    series: Series
    start: Ints
    columns: dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How the engine is; `detail` names what is wrong, `pending` counts batches spooled because the engine was away."""

    ok: bool
    detail: str = ""
    pending: int = 0
    size: int = 0


class SeriesStore(Protocol):
    """One engine. One writer process, many readers."""

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        """Store all; durable on return; the same series and time overwrites.

        Raises:
            StoreUnavailable: the engine is away or full; nothing may be assumed stored, give the same again.
        """

    def latest(self, select: Select) -> list[Points]:
        """The newest value of each series, one point each."""

    def raw(self, select: Select, start: int, end: int, limit: int, cursor: str | None = None) -> Page:
        """Values in [start, end), at most `limit`.

        Raises:
            BadQuery: a cursor that is not ours, a range that is not one.
        """

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each series that has any of the selected values in [start, end), with all of them, one series after the other.

        What no window answers is made of these: gaps, exceedances, classes; whoever lets go of one before the next holds little.

        Raises:
            BadQuery: a range that is not one, or one in which a series has more than MOST_POINTS values.
        """

    def windows(
        self, select: Select, start: int, end: int, every: Every, aggregates: Sequence[str], zone: str
    ) -> list[Windows]:
        """Aggregates (`storage.aggregate.parse`) of the valid values per window; count_all counts all.

        A window is there when it holds any selected value; where none of them is valid, counts are 0 and the rest NaN.

        Raises:
            BadQuery: an aggregate, a window, a zone or a range that cannot be.
        """

    def maintain(self, now: int) -> None:
        """Upkeep between writes, bounded in time; the writer calls it every second or so. `now` is epoch ms.

        Raises:
            StoreUnavailable: the engine is away or full; call again later.
        """

    def health(self) -> StoreHealth:
        """How the engine is; never raises."""

    def close(self) -> None:
        """Let go of files and connections."""
