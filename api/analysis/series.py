"""Windows of several series on one grid, with the columns in the order they were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from api.context import Register
from api.problem import invalid
from hub.batch import Floats, Ints
from storage.fill import COUNTS, Fill, completeness, fill
from storage.series import Every, Select, Series, SeriesStore, Windows
from storage.windows import edges, shortest

COMPLETENESS: Final = "completeness"
MOST_WINDOWS: Final = 100_000
"""Windows of one series in one answer."""

MOST_FILLED: Final = 2_000_000
"""Cells that filling may make in one answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every series: times [start, end) epoch ms, the zone of calendar windows, `now` for windows that still run."""

    start: int
    end: int
    every: Every
    aggregates: tuple[str, ...]
    zone: str
    fill: Fill
    now: int


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One series: window starts (n,) ms and the columns asked for, (n,) each; NaN where there is none."""

    series: Series
    start: Ints
    columns: dict[str, Floats]


def check_count(question: Question) -> None:
    """Refuse a question with too many windows.

    Raises:
        Problem: `invalid-parameter`.
    """
    if (question.end - question.start) // shortest(question.every) > MOST_WINDOWS:
        raise invalid("every", f"at most {MOST_WINDOWS} windows between from and to")


def ask(store: SeriesStore, select: Select, question: Question, register: Register) -> list[Answer]:
    """The windows of every series selected.

    Raises:
        BadQuery, StoreUnavailable: as the store says.
        Problem: `invalid-parameter` for an answer that would be too large.
    """
    check_count(question)
    asked = [name for name in question.aggregates if name != COMPLETENESS]
    if COMPLETENESS in question.aggregates and "count" not in asked:
        asked.append("count")
    found = store.windows(select, question.start, question.end, question.every, asked, question.zone)
    if not found:
        return []
    if question.fill == "none" and COMPLETENESS not in question.aggregates:
        return [
            Answer(one.series, one.start, {name: one.columns[name] for name in question.aggregates}) for one in found
        ]
    bounds = edges(question.start, question.end, question.every, question.zone)
    if question.fill != "none" and len(bounds) * len(found) * len(asked) > MOST_FILLED:
        raise invalid("fill", f"none, or a question of at most {MOST_FILLED} filled cells")
    return [_one(one, question, bounds, register) for one in found]


def _one(windows: Windows, question: Question, bounds: Ints, register: Register) -> Answer:
    filled = fill(windows, bounds, question.fill)
    columns = dict(filled.columns)
    if COMPLETENESS in question.aggregates:
        period = register.period(windows.series.station, windows.series.property)
        over = min(question.end, max(question.now, question.start + 1))
        columns[COMPLETENESS] = completeness(filled, bounds, question.start, over, period)
    return Answer(windows.series, filled.start, {name: columns[name] for name in question.aggregates})


def rows_of(answer: Answer, times: Sequence[str]) -> list[tuple[str | float | None, ...]]:
    """The rows of one series, `times` first; counts are whole numbers, NaN becomes None."""
    columns = [_cells(name, values) for name, values in answer.columns.items()]
    # Tuples of plain values are no work for the garbage collector, lists are.
    return list(zip(times, *columns, strict=True))


def _cells(name: str, values: Floats) -> list[float | None]:
    if name in COUNTS:
        whole: list[float | None] = np.nan_to_num(values).astype(np.int64).tolist()
        return whole
    cells: list[float | None] = values.tolist()
    if np.isnan(values).any():
        return [None if cell != cell else cell for cell in cells]  # noqa: PLR0124 - only NaN differs from itself
    return cells
