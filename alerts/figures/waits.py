"""How long something took when some of it has not happened yet: the product-limit estimate (Kaplan and Meier 1958); pure.

Leaving out what is still open would praise whoever leaves the hard ones lying: an incident nobody acknowledged for a week counts as "longer than a week".
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait, ms: how long it took, or, when `over` is False, how long it has lasted so far."""

    lasted: int
    over: bool = True


@dataclass(frozen=True, slots=True)
class Waits:
    """Many waits: how many, how many of them go on, and after how many ms a half and nine tenths are over; None: not reached yet."""

    count: int
    going_on: int
    median: int | None
    p90: int | None


def summed_up(waits: Sequence[Wait]) -> Waits:
    """The waits in four numbers; without any that go on, the plain quantiles."""
    going_on = sum(not wait.over for wait in waits)
    return Waits(len(waits), going_on, _quantile(waits, 0.5), _quantile(waits, 0.9))


def _quantile(waits: Sequence[Wait], share: float) -> int | None:
    """The shortest time by which at least this share is over, as far as that is known."""
    # Of equal times those that end come first: whoever still waits has waited at least as long.
    ordered = sorted(waits, key=lambda wait: (wait.lasted, not wait.over))
    left, waiting = 1.0, len(ordered)
    for wait in ordered:
        if wait.over:
            left *= (waiting - 1) / waiting
            if left <= 1 - share + 1e-12:
                return wait.lasted
        waiting -= 1
    return None
