"""Alarms ring where they begin, not with every report that repeats them.

A lasting alarm is said again every few minutes while it stays on: an open alert is kept open by it, and nobody is called anew, neither by the repetition nor by
a restart of ingest that forgot what was on. A report from the past (back-filled, or older than the device may be late) becomes a note and changes no edge.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

AGAIN_MS: Final = 4 * 60_000
"""How often a lasting alarm is said again; findings stay open for ten minutes (processors.findings.QUIET_MS)."""

LIVE_MS: Final = 5 * 60_000
"""A report that is older when it comes is back-filled, whatever it says of itself; a device's own lateness may be longer."""

_MARKS: Final = 64


@dataclass(slots=True)
class Edges:
    """What one vehicle has rung for: each alarm that is on with the time it was last said, and the marks of alarms said once."""

    newest: int = 0
    on: dict[str, int] = field(default_factory=dict)
    marks: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    _past: int = 0
    _past_on: frozenset[str] = frozenset()

    @property
    def ringing(self) -> bool:
        """Whether an alarm is on: then a report without any changes something, too."""
        return bool(self.on or self._past_on)

    def rising(self, time: int, types: Iterable[tuple[str, bool]]) -> set[str]:
        """Which of the alarms of a live report begin now, or are due to be said again; `types` are type and whether it lasts.

        A report older than one that was judged already changes nothing.
        """
        if time < self.newest:
            return set()
        self.newest = time
        found = dict(types)
        said = {type_ for type_, lasts in found.items() if self._due(type_, lasts, time)}
        self.on = {type_: time if type_ in said else self.on[type_] for type_ in found}
        return said

    def began(self, time: int, types: Iterable[str]) -> set[str]:
        """Which of the alarms of a report of the past begin there; such reports are compared among themselves."""
        before = self._past_on if time >= self._past else frozenset()
        self._past, self._past_on = time, frozenset(types)
        return set(self._past_on - before)

    def _due(self, type_: str, lasts: bool, time: int) -> bool:
        last = self.on.get(type_)
        return last is None or (lasts and time - last >= AGAIN_MS)

    def first(self, mark: bytes) -> bool:
        """Whether an alarm with this mark is said for the first time."""
        if mark in self.marks:
            return False
        self.marks[mark] = None
        if len(self.marks) > _MARKS:
            self.marks.popitem(last=False)
        return True


def live(time: int, received: int, lateness: int) -> bool:
    """Whether a report of `time` tells of now; all in epoch ms or ms."""
    return received - time <= max(lateness, LIVE_MS)
