"""benchmarks/HISTORY.md: a row for each figure, a column for each engine, and how each was set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.history.load import Load
from benchmarks.history.peers.engine import Engine
from benchmarks.machine import command, facts
from benchmarks.processes import load_average
from benchmarks.result import Result, Verdict

PAGE: Final = Path(__file__).resolve().parents[1] / "HISTORY.md"


@dataclass(frozen=True)
class Row:
    """One figure: what each engine came to, by its name; the verdict is on ours."""

    what: str
    goal: str
    cells: Mapping[str, str]
    verdict: Verdict
    notes: tuple[str, ...] = ()
    load: str = field(default_factory=load_average)

    def result(self) -> Result:
        """The row of the summary: ours measured, the others noted."""
        ours = next(iter(self.cells))
        others = "; ".join(f"{name} {cell}" for name, cell in self.cells.items() if name != ours)
        return Result(
            figure=f"history: {self.what}",
            reach=self.goal,
            measured=self.cells[ours],
            verdict=self.verdict,
            notes=(*([others] if others else []), *self.notes),
            load=self.load,
        )


def write(
    rows: Sequence[Row], engines: Sequence[Engine], absent: Mapping[str, str], load: Load, minutes: float
) -> None:
    """Write the page."""
    names = [engine.name for engine in engines]
    lines = [
        "# History: years of readings, compared",
        "",
        (
            "Written by the command below and never by hand. The same readings in every engine, all in one run on one machine, asked in turn; "
            "every answer was first held to a plain reckoning of the readings, to 1e-9. Times are from question to arrays, p50 / p95 in ms, "
            "in brackets the CPU an answer took, client and server together. Rates count the CPU of both, sealing and merging included."
        ),
        "",
        f"    {command()}",
        "",
        f"- {load.readings} readings: 1 000 series each 15 minutes for {load.days} days, of two decimals, 0.4 % flagged; {minutes:.0f} minutes in all",
        *(f"- {fact}" for fact in facts()[:3]),
        *(["- the goals are for a year; this run is shorter, so nothing is judged"] if load.days < 365 else []),
        *(f"- not measured: {name}: {why}" for name, why in absent.items()),
        "",
        _line(["figure", "goal", *names, "", "load"]),
        _line(["---"] * (len(names) + 4)),
        *(
            _line([row.what, row.goal, *(row.cells.get(name, "") for name in names), row.verdict, row.load])
            for row in rows
        ),
        "",
        "## How they were set",
    ]
    for engine in engines:
        lines += ["", f"**{engine.name}**", "", *(f"- {setting}" for setting in engine.settings)]
    lines += ["", "## Notes"]
    for row in rows:
        if row.notes:
            lines += ["", f"**{row.what}**", "", *(f"- {note}" for note in row.notes)]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
