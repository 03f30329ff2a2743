"""Periods of which a logger's minute, hour or day data never came, to be asked for by 2051, 2061 and 2031."""

from dataclasses import dataclass, replace
from typing import Final

from ingest.protocols.hj212.commands import MINUTE_INTERVALS
from ingest.protocols.hj212.times import DAY, HOUR, MINUTE

SETTLE_MS: Final = 60_000
"""How long a gap is left alone: a logger sends what was not answered again by itself."""

A_HOUR: Final = 12
"""Queries that one device is asked in any hour."""

_KINDS: Final = {"2051": "minute", "2061": "hour", "2031": "day"}
_SPANS: Final = {"minute": DAY, "hour": 7 * DAY, "day": 31 * DAY}
_STEPS: Final = {"hour": HOUR, "day": DAY}
_MINUTE_STEPS: Final = frozenset(minutes * MINUTE for minutes in MINUTE_INTERVALS)
_OLDEST: Final = 31 * DAY
_MOST_GAPS: Final = 32
_MOST_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """Starts of the first and the last missing period, epoch ms; `seen` when it was noticed, `tries` how often it was asked for in vain."""

    kind: str
    begin: int
    end: int
    seen: int
    tries: int = 0


class Gaps:
    """What is missing of one device, and what may still be asked this hour."""

    __slots__ = ("_asked", "_before", "_gaps", "_last", "_step")

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._step: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._gaps: list[Gap] = []
        self._asked: list[int] = []

    def heard(self, cn: str, time: int, now: int) -> None:
        """A record of this period start (epoch ms) came."""
        kind = _KINDS.get(cn)
        if kind is None:
            return
        last = self._last.get(kind)
        if last is not None and time <= last:
            self._fill(kind, time)
            return
        self._last[kind] = time
        if last is None:
            return
        step = self._learn(kind, time - last)
        if step and time - last > step:
            begin = max(last + step, time - _OLDEST)
            self._gaps = [*self._gaps, Gap(kind, begin, time - step, now)][-_MOST_GAPS:]

    def ready(self) -> int | None:
        """When the next query may go, epoch ms; None when nothing is missing."""
        if not self._gaps:
            return None
        settled = min(gap.seen for gap in self._gaps) + SETTLE_MS
        return max(settled, self._asked[-A_HOUR] + HOUR) if len(self._asked) >= A_HOUR else settled

    def take(self, now: int) -> Gap | None:
        """What to ask now; a long gap in pieces."""
        ready = self.ready()
        if ready is None or ready > now:
            return None
        place = min(range(len(self._gaps)), key=lambda one: self._gaps[one].seen)
        gap = self._gaps.pop(place)
        cut = gap.begin + _SPANS[gap.kind]
        if gap.end >= cut:
            self._gaps.append(replace(gap, begin=cut))
            gap = replace(gap, end=cut - self._step.get(gap.kind, MINUTE))
        self._asked = [*self._asked, now][-A_HOUR:]
        return gap

    def failed(self, gap: Gap, now: int) -> None:
        """The device did not answer: the gap is asked for again, a few times."""
        if gap.tries + 1 < _MOST_TRIES:
            self._gaps = [*self._gaps, replace(gap, tries=gap.tries + 1, seen=now)][-_MOST_GAPS:]

    def _learn(self, kind: str, apart: int) -> int:
        """The interval of this kind of data; a device's minute interval is what two of its records are apart at the least, or three of them equally."""
        if kind in _STEPS:
            self._step[kind] = _STEPS[kind]
            return _STEPS[kind]
        step, before = self._step.get(kind, 0), self._before.get(kind)
        self._before[kind] = apart
        if apart in _MINUTE_STEPS and (not step or apart < step or apart == before):
            self._step[kind] = apart
        return self._step.get(kind, 0)

    def _fill(self, kind: str, time: int) -> None:
        """A late record: the gap gets shorter where it is at its edge."""
        step = self._step.get(kind, 0)
        for place, gap in enumerate(self._gaps):
            if gap.kind == kind and time in (gap.begin, gap.end):
                begin, end = gap.begin + step * (time == gap.begin), gap.end - step * (time == gap.end)
                self._gaps[place : place + 1] = [replace(gap, begin=begin, end=end)] if begin <= end else []
                return
