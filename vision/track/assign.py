"""Which track is seen in which detection: the cheapest pairing of all, within the gate.

The gate breaks the problem into small islands; each is solved by the Hungarian method with shortest augmenting paths (Jonker and Volgenant 1987).
"""

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]

_FORBIDDEN = 1e9


def assign(costs: Costs) -> list[tuple[int, int]]:
    """Pairs (row, column) of least total cost (rows x columns, infinite where a pair is out of the gate), as many as can be, in order of rows."""
    pairs: list[tuple[int, int]] = []
    for rows, columns in _islands(np.isfinite(costs)):
        part = np.where(np.isfinite(costs[np.ix_(rows, columns)]), costs[np.ix_(rows, columns)], _FORBIDDEN)
        turned = len(rows) > len(columns)
        for i, j in _solve(part.T if turned else part):
            row, column = (rows[j], columns[i]) if turned else (rows[i], columns[j])
            if np.isfinite(costs[row, column]):
                pairs.append((row, column))
    return sorted(pairs)


def _islands(open_: NDArray[np.bool_]) -> list[tuple[list[int], list[int]]]:
    """Rows and columns that can reach each other by pairs within the gate."""
    left = set(np.flatnonzero(open_.any(axis=1)).tolist())
    found = []
    while left:
        rows: set[int] = set()
        columns: set[int] = set()
        edge = [min(left)]
        while edge:
            row = edge.pop()
            rows.add(row)
            fresh = set(np.flatnonzero(open_[row]).tolist()) - columns
            columns |= fresh
            reached = {int(other) for column in fresh for other in np.flatnonzero(open_[:, column])}
            edge += sorted(reached - rows - set(edge))
        left -= rows
        found.append((sorted(rows), sorted(columns)))
    return found


def _solve(costs: Costs) -> list[tuple[int, int]]:
    """The optimal pairing of every row (rows <= columns)."""
    rows, columns = costs.shape
    of_row, of_column = np.zeros(rows + 1), np.zeros(columns + 1)
    taken = np.zeros(
        columns + 1, int
    )  # the row (from 1) that has the column (from 1); column 0 holds the row being placed
    for row in range(1, rows + 1):
        taken[0] = row
        path = _shortest(costs, of_row, of_column, taken)
        column = path[0]
        while column:
            taken[column] = taken[path[column]]
            column = path[column]
    return sorted((int(taken[column]) - 1, column - 1) for column in range(1, columns + 1) if taken[column])


def _shortest(costs: Costs, of_row: Costs, of_column: Costs, taken: NDArray[np.int_]) -> dict[int, int]:
    """Where each column on the shortest augmenting path came from; entry 0 is the free column it ends in. The potentials are brought up to date."""
    columns = costs.shape[1]
    least, before = np.full(columns + 1, np.inf), np.zeros(columns + 1, int)
    used = np.zeros(columns + 1, bool)
    here = 0
    while taken[here]:
        used[here] = True
        row = taken[here]
        free = ~used
        free[0] = False
        reduced = np.full(columns + 1, np.inf)
        reduced[1:] = costs[row - 1] - of_row[row] - of_column[1:]
        better = free & (reduced < least)
        least[better], before[better] = reduced[better], here
        following = int(np.argmin(np.where(free, least, np.inf)))
        step = least[following]
        of_row[taken[used]] += step
        of_column[used] -= step
        least[free] -= step
        here = following
    path = {0: here}
    while here:
        path[here] = int(before[here])
        here = path[here]
    return path
