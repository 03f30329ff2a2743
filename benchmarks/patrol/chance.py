"""What few counts prove: exact bounds of a rate and of a share, and ranks."""

from collections.abc import Sequence
from math import ceil, exp, sqrt
from typing import Final

_ROUNDS: Final = 80
_Z: Final = 1.959964


def rate_bound(count: int, exposure: float, *, sure: float = 0.95) -> float:
    """The highest rate that `count` events in an `exposure` do not rule out, one-sided (Garwood 1936); with none it is about 3 / exposure.

    Raises:
        ValueError: an exposure that is not positive, or a negative count.
    """
    if exposure <= 0 or count < 0:
        raise ValueError(f"{count} events in {exposure}: expected 0 or more in more than 0")
    low, high = float(count), count + 10 * sqrt(count + 1) + 10
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, middle) > 1 - sure else (low, middle)
    return high / exposure


def _at_most(count: int, mean: float) -> float:
    """The chance of `count` or fewer where `mean` are expected."""
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return total


def share_interval(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0 to 1 when there is nothing.

    Raises:
        ValueError: more hits than there are cases, or a negative count.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} hits of {of}: expected 0 to {of}")
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, _Z**2 / of
    middle = (share + z2 / 2) / (1 + z2)
    half = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of)) / (1 + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


def ranked(values: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of all do not pass (nearest rank); None of none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * share) - 1)] if ordered else None
