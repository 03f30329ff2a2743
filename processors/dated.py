"""Limits that change with time: those a rule takes from a standard or a permit by name, looked up for each reading's own time.

A timeline is one side of such a limit at one station; alike timelines are kept once. Limits are mirrored (over is greater) as in the plan.
"""

from bisect import bisect_right
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from hub.batch import Floats, Ints
from hub.catalogue import Catalogue
from hub.rule import Rule
from hub.standards.facts import facts_of
from hub.standards.named import Bounds, Facts, bounds
from processors.columns import NEVER, Places

_FAR: Final = 1 << 62
_MANY: Final = 10_000
"""So many timelines may be known, those of permits long gone among them."""

_Timeline = tuple[tuple[int, ...], tuple[float, ...], tuple[str, ...]]


class DatedLimits:
    """The timelines of a plan; they are numbered as they are met and kept while the rules stay."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._bounds: dict[tuple[str, str, Facts], Bounds] = {}
        self._number: dict[_Timeline, int] = {}
        self._of: dict[tuple[str, str, str], tuple[int, ...]] = {}
        self._lay()

    def clear(self) -> None:
        """Forget what the rules asked for."""
        self._bounds.clear()
        self._number.clear()
        self._of.clear()

    def forget(self, stations: set[str]) -> None:
        """Look these stations up afresh: their register entries changed."""
        if len(self._number) > _MANY:
            self.clear()
        self._of = {key: found for key, found in self._of.items() if key[0] not in stations}

    def timelines(
        self, catalogue: Catalogue, station: str, rule: Rule, codes: tuple[tuple[int, str], ...]
    ) -> tuple[int, ...]:
        """The timeline of each named limit of a rule at a station, by (code, name): the lowest bit of a code says the lower side."""
        key = (station, rule.property, rule.id)
        found = self._of.get(key)
        if found is None:
            facts = facts_of(catalogue, station, rule.property)
            found = tuple(
                self._timeline(reference, rule.property, facts, lower=bool(code & 1)) for code, reference in codes
            )
            self._of[key] = found
        return found

    def lay(self) -> None:
        """Make the columns of all timelines known; before `limit` and `nearest` are asked."""
        if len(self._number) != len(self._since):
            self._lay()

    def limit(self, timeline: Ints, time: Ints) -> Floats:
        """The mirrored limit (n,) of each timeline at each time, infinite where there is none."""
        found: Floats = self._limit[timeline, self._piece(timeline, time)]
        return found

    def nearest(self, timeline: Ints) -> Floats:
        """The lowest mirrored limit (n,) that each timeline ever has."""
        found: Floats = self._limit[timeline].min(axis=1)
        return found

    def one(self, timeline: int, time: int) -> tuple[float, str]:
        """The mirrored limit of one timeline at a time, and which edition or permit it is from."""
        since, limits, sources = self._laid[timeline]
        piece = bisect_right(since, time) - 1
        return limits[piece], sources[piece]

    def _piece(self, timeline: Ints, time: Ints) -> Places:
        found: Places = (self._since[timeline] <= time[:, None]).sum(axis=1) - 1
        return found

    def _timeline(self, reference: str, name: str, facts: Facts, *, lower: bool) -> int:
        key = (reference, name, facts)
        found = self._bounds.get(key)
        if found is None:
            found = self._bounds[key] = bounds(reference, name, facts, self._zone)
        limits = tuple(-one for one in found.below) if lower else found.above
        return self._number.setdefault((found.since, limits, found.source), len(self._number))

    def _lay(self) -> None:
        self._laid = list(self._number)
        pieces = max((len(since) for since, _, _ in self._laid), default=1)
        self._since: Ints = np.full((len(self._laid), pieces), _FAR, np.int64)
        self._limit: Floats = np.full((len(self._laid), pieces), np.inf)
        for number, (since, limits, _) in enumerate(self._laid):
            self._since[number, : len(since)] = since
            self._since[number, 0] = NEVER
            self._limit[number, : len(limits)] = limits
