"""How values are distributed over classes: how many lie in each, and how long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hub.batch import Floats, Ints
from hub.errors import BadQuery
from storage.held import HOUR, Held


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Of k borders k + 1 classes, the lowest first: count (k + 1,) of values, hours (k + 1,) that they stand for."""

    count: Ints
    hours: Floats


def distribution(held: Held, borders: Sequence[float], *, upper: bool = True) -> Distribution:
    """The values by class; a border itself belongs to the class below it, or without `upper` to the one above.

    Raises:
        BadQuery: no borders, or borders that do not rise.
    """
    edge = checked(borders)
    place = np.searchsorted(edge, held.value, side="left" if upper else "right")
    size = len(edge) + 1
    length = np.bincount(place, held.cover, size)
    return Distribution(np.bincount(place, minlength=size), length / HOUR)


def checked(borders: Sequence[float]) -> Floats:
    """The borders as an array.

    Raises:
        BadQuery: there are none, or they do not rise.
    """
    edge = np.array(borders, np.float64)
    if not len(edge) or not np.isfinite(edge).all() or bool((np.diff(edge) <= 0).any()):
        raise BadQuery("borders", "one or more rising numbers")
    return edge
