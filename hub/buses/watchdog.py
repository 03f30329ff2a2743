"""When a worker has stopped moving: a partition has records to read and its committed offset stands still.

Faust may stop consuming without a word (a coordinator lost, an acknowledgement missing); the only sign is the lag. Each partition is judged by itself,
or one that stands still would be hidden by those that move; and only by the offset that was committed, since an end that grows is no progress.
"""

from collections.abc import Collection, Mapping
from typing import Final

from hub.bus import Place

OTHERS: Final = 2
"""How many times longer a partition of another worker is waited for: its own worker ends first."""


class Standstill:
    """Remembers since when each partition's offset has stood where it is; `after` is the patience in seconds."""

    def __init__(self, after: float) -> None:
        self._after = after
        self._since: dict[Place, tuple[int, bool, float]] = {}

    def look(
        self,
        now: float,
        lags: Mapping[Place, int],
        committed: Mapping[Place, int],
        mine: Collection[Place] | None = None,
    ) -> frozenset[Place]:
        """The partitions that have stood still for too long at `now` (monotonic seconds).

        `mine` are those assigned to this worker (None: all); others are given `OTHERS` times the patience, so that a partition which no worker
        reads is noticed too. A partition that comes or goes, as in a rebalance, begins anew.
        """
        seen: dict[Place, tuple[int, bool, float]] = {}
        for place, lag in lags.items():
            offset, own = committed.get(place, -1), mine is None or place in mine
            before = self._since.get(place)
            stands = lag > 0 and before is not None and before[:2] == (offset, own)
            seen[place] = (offset, own, before[2] if stands and before is not None else now)
        self._since = seen
        return frozenset(
            place for place, (_, own, since) in seen.items() if now - since > self._after * (1 if own else OTHERS)
        )

    def forget(self) -> None:
        """Begin anew with every partition: the bus was away, which is no worker's fault."""
        self._since = {}
