"""The pairing is the cheapest there is, and pairs as many as it can."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vision.track.assign import Costs, assign

COSTS = st.integers(1, 5).flatmap(
    lambda rows: st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.integers(0, 30), st.just(-1)), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)
FAR = 1e6


@given(COSTS)
def test_nothing_is_cheaper(values: list[list[int]]) -> None:
    costs = np.array([[float("inf") if value < 0 else value for value in row] for row in values], float)
    pairs = assign(costs)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(np.isfinite(costs[pair]) for pair in pairs)
    assert _worth(costs, pairs) == min(_worth(costs, every) for every in _pairings(costs))


def _worth(costs: Costs, pairs: list[tuple[int, int]]) -> float:
    """What a pairing costs, each pair that is not made more than all others together."""
    finite = [costs[pair] for pair in pairs if np.isfinite(costs[pair])]
    return float(sum(finite) + FAR * (min(costs.shape) - len(finite)))


def _pairings(costs: Costs) -> list[list[tuple[int, int]]]:
    rows, columns = (int(side) for side in costs.shape)
    if rows <= columns:
        return [list(zip(range(rows), chosen, strict=True)) for chosen in permutations(range(columns), rows)]
    return [list(zip(chosen, range(columns), strict=True)) for chosen in permutations(range(rows), columns)]


def test_no_pair_is_made_out_of_the_gate() -> None:
    assert assign(np.full((3, 2), np.inf)) == []
