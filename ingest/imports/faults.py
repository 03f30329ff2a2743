"""What is wrong with a file, row by row."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RowFault:
    """One mistake: the line (CSV, 1-based) or row (Parquet, 1-based), the column, what stands there, what was expected."""

    line: int
    column: str
    value: str
    expected: str


@dataclass(slots=True)
class Faults:
    """The mistakes of one piece of a file."""

    found: list[RowFault] = field(default_factory=list)

    def add(self, line: int, column: str, value: object, expected: str) -> None:
        """One more."""
        self.found.append(RowFault(line, column, _shown(value), expected))


def _shown(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
