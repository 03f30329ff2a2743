"""What a figure says: one row of the table, and how tables are shown."""

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Final, Literal, Protocol

import msgspec

from benchmarks.processes import load_average

Verdict = Literal["met", "not met", "open", "not measured", ""]
"""Empty for a figure without a goal. What was not measured is never claimed; `open`: it would hold only with a figure that was taken elsewhere."""

COLUMNS: Final = ("figure", "reach", "measured", "", "what bounds it", "load")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `load` is the machine's load average when it was taken; `notes` say how it came about and what else was seen."""

    figure: str
    reach: str
    measured: str
    verdict: Verdict
    bound: str = ""
    notes: tuple[str, ...] = ()
    load: str = msgspec.field(default_factory=load_average)


class Scale(msgspec.Struct, frozen=True):
    """How long figures are taken: `short` for a quick pass, `minutes` for the sustained run, `days` for the history that is compared."""

    short: bool = False
    minutes: float = 3.0
    days: int = 365

    def pick(self, quick: int, whole: int) -> int:
        """The number for a quick or a whole run."""
        return quick if self.short else whole


class Say(Protocol):
    """Tells how far the bench is."""

    def __call__(self, sentence: str) -> None:
        """Print one line."""


def judged(holds: bool) -> Verdict:
    """The verdict on a figure that was measured."""
    return "met" if holds else "not met"


def missing(figure: str, reach: str, why: str) -> Result:
    """The row of a figure that could not be measured."""
    return Result(figure=figure, reach=reach, measured="-", verdict="not measured", notes=(why,))


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def spread(values: Sequence[float], form: str = ".1f") -> str:
    """Median and range, as text."""
    return f"{median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def table(results: Sequence[Result]) -> str:
    """A table for the terminal."""
    rows = [COLUMNS, *(_cells(result) for result in results)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def markdown(results: Sequence[Result]) -> str:
    """The same for a page, with the notes below."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_cells(result) for result in results)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    for result in results:
        if result.notes:
            lines += ["", f"**{result.figure}**", "", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines) + "\n"


def _cells(result: Result) -> tuple[str, ...]:
    return (result.figure, result.reach, result.measured, result.verdict, result.bound, result.load)
