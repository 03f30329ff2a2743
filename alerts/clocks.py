"""The clocks of an incident: until when it is to be verified, acknowledged, arrived at and solved; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.model import LEVELS
from storage.records.rows import IncidentRow

NAMES: Final = ("verify", "ack", "arrive", "solve")
"""The clocks, in the order in which they run out."""

MET: Final[Mapping[str, str]] = {"verify": "verified", "ack": "acknowledged", "arrive": "arrived", "solve": "solved"}
"""The column that says when a clock was met; `arrive` runs from the dispatch on."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long each step of an incident may take, in seconds; `ack_ttl_s` is how long an acknowledgement holds."""

    verify_s: int
    ack_s: int
    arrive_s: int
    solve_s: int
    ack_ttl_s: int


BUDGETS: Final[Mapping[int, Budget]] = {
    1: Budget(120, 180, 1800, 4 * 3600, 1800),
    2: Budget(300, 600, 3600, 8 * 3600, 7200),
    3: Budget(900, 1800, 7200, 24 * 3600, 8 * 3600),
    4: Budget(3600, 14_400, 24 * 3600, 72 * 3600, 24 * 3600),
}
"""By level; where the site's settings say nothing else."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """One clock: until when, when it was met, and whether that was too late; `remaining_ms` is below 0 when late."""

    name: str
    by: int
    met: int | None
    missed: bool
    remaining_ms: int | None


def started(budgets: Mapping[int, Budget], level: int, at: int) -> dict[str, int | None]:
    """The clocks of an incident that begins, or begins again, at `at` (epoch ms)."""
    budget = budgets[level]
    return {
        "verify_by": at + budget.verify_s * 1000,
        "ack_by": at + budget.ack_s * 1000,
        "arrive_by": None,
        "solve_by": at + budget.solve_s * 1000,
    }


def tightened(row: IncidentRow, budgets: Mapping[int, Budget], level: int, at: int) -> dict[str, int]:
    """The clocks that run earlier because the level rose to `level` at `at`; those that were met stay."""
    new = started(budgets, level, at)
    if row.dispatched is not None:
        new["arrive_by"] = at + budgets[level].arrive_s * 1000
    found = {}
    for name in NAMES:
        by, before = new[f"{name}_by"], getattr(row, f"{name}_by")
        if by is not None and getattr(row, MET[name]) is None and (before is None or by < before):
            found[f"{name}_by"] = by
    return found


def earliest(row: IncidentRow, other: IncidentRow) -> dict[str, int]:
    """The clocks of `row` after `other` was merged into it: the earlier one wins."""
    found = {}
    for name in NAMES:
        mine, its = getattr(row, f"{name}_by"), getattr(other, f"{name}_by")
        if its is not None and (mine is None or its < mine):
            found[f"{name}_by"] = its
    return found


def read(row: IncidentRow, now: int) -> list[ClockState]:
    """Every clock of the incident that was started, as it stands at `now` (epoch ms)."""
    states = []
    for name in NAMES:
        by, met = getattr(row, f"{name}_by"), getattr(row, MET[name])
        if by is None:
            continue
        ran_to = met if met is not None else (row.closed if not row.open and row.closed is not None else now)
        states.append(ClockState(name, by, met, ran_to > by, None if met is not None or not row.open else by - now))
    return states


assert set(BUDGETS) == set(LEVELS)
