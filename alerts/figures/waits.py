"""How long something took when some of it has not happened yet: the product-limit estimate (Kaplan and Meier 1958); pure.

Leaving out what is still open would praise whoever leaves the hard ones lying: an incident nobody acknowledged for a week counts as "longer than a week".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
    lasted = np.fromiter((wait.lasted for wait in waits), np.int64, len(waits))
    return estimated(lasted, np.fromiter((wait.over for wait in waits), np.bool_, len(waits)))


def estimated(lasted: NDArray[np.int64], over: NDArray[np.bool_]) -> Waits:
    """The same of waits in columns: lasted (n,) ms, over (n,)."""
    # Of equal times those that end come first: whoever still waits has waited at least as long.
    order = np.lexsort((~over, lasted))
    lasted, over = lasted[order], over[order]
    waiting = np.arange(len(over), 0, -1, dtype=np.float64)
    left = np.cumprod(np.where(over, (waiting - 1) / waiting, 1.0), dtype=np.float64)
    return Waits(len(over), int((~over).sum()), *(_quantile(lasted, over, left, share) for share in (0.5, 0.9)))


def _quantile(
    lasted: NDArray[np.int64], over: NDArray[np.bool_], left: NDArray[np.float64], share: float
) -> int | None:
    """The shortest time by which at least this share is over, as far as that is known."""
    reached = np.flatnonzero(over & (left <= 1 - share + 1e-9))
    return int(lasted[reached[0]]) if len(reached) else None
