"""All raw values of the selected series in a range, with a bound on how many."""

import numpy as np

from api.problem import invalid
from storage.series import Points, Select, Series, SeriesStore

MOST_VALUES = 5_000_000
_PIECE = 200_000


def gather(store: SeriesStore, select: Select, start: int, end: int) -> list[Points]:
    """Each selected series with its values in [start, end), in time order.

    Raises:
        BadQuery, StoreUnavailable: as the store says.
        Problem: `invalid-parameter` where there are too many values.
    """
    parts: dict[Series, list[Points]] = {}
    cursor, held = None, 0
    while True:
        page = store.raw(select, start, end, _PIECE, cursor)
        for one in page.points:
            parts.setdefault(one.series, []).append(one)
            held += len(one.time)
        if page.next is None:
            break
        if held > MOST_VALUES:
            raise invalid("from", f"a range of at most {MOST_VALUES} values; narrow it, or ask with basis=hour")
        cursor = page.next
    return [_joined(series, pieces) for series, pieces in sorted(parts.items(), key=_order)]


def _order(item: tuple[Series, list[Points]]) -> tuple[str, str]:
    return item[0].station, item[0].property


def _joined(series: Series, pieces: list[Points]) -> Points:
    return Points(
        series,
        np.concatenate([piece.time for piece in pieces]),
        np.concatenate([piece.value for piece in pieces]),
        np.concatenate([piece.quality for piece in pieces]),
        np.concatenate([piece.checks for piece in pieces]),
    )
