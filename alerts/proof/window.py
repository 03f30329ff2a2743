"""The raw readings around what happened, as the device sent them: value, letter and checks, nothing left out between the ends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from alerts.proof.gather import Gathered
from storage.series import Points, Select, SeriesStore

HOUR: Final = 3_600_000
BEFORE: Final = 6 * HOUR
AFTER: Final = HOUR
LONGEST: Final = 7 * 24 * HOUR
MOST: Final = 200_000
"""Readings of a window: a day of ten properties by the five seconds."""

_ROWS: Final = 500
_DRAWN: Final = 20_000
_PAGE: Final = 20_000


@dataclass(slots=True)
class Window:
    """The readings of one station in [start, end), epoch ms; `whole` is False when there were more than are kept."""

    station: str
    start: int
    end: int
    focus: str | None = None
    whole: bool = True
    count: int = 0
    drawn: dict[str, list[Points]] = field(default_factory=dict)

    def head(self) -> dict[str, Any]:
        """What the case says of the window itself."""
        return {"station": self.station, "from": self.start, "to": self.end, "most": MOST}


def window_of(gathered: Gathered) -> Window:
    """From six hours before the first breach to an hour after the last change, at most a week."""
    first, last = gathered.spans()
    start = first - BEFORE
    return Window(gathered.station, start, min(last + AFTER, start + LONGEST), gathered.incident["property"])


def readings(store: SeriesStore, window: Window, unit: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """The readings, some of one property a record, rows of [time, value, quality code, check bits]; what the chart needs stays in `window`."""
    department, kind, device = window.station.split("/", 2)
    wanted, cursor = Select(department, kind, device), None
    while True:
        page = store.raw(wanted, window.start, window.end, min(_PAGE, MOST - window.count), cursor)
        for points in page.points:
            name = points.series.property
            window.count += len(points.time)
            if name == window.focus or window.focus is None:
                window.drawn.setdefault(name, []).append(points)
            for begin in range(0, len(points.time), _ROWS):
                yield {"property": name, "unit": unit(name), "rows": _rows(points, begin)}
        cursor = page.next
        if cursor is None or window.count >= MOST:
            window.whole = cursor is None
            return


def _rows(points: Points, begin: int) -> list[list[Any]]:
    part = slice(begin, begin + _ROWS)
    values = np.where(np.isfinite(points.value[part]), points.value[part], np.nan).tolist()
    columns = (points.time[part].tolist(), values, points.quality[part].tolist(), points.checks[part].tolist())
    return [list(row) for row in zip(*columns, strict=True)]
