"""When a worker has stopped moving: it has records to read and its committed offset stands still.

Faust may stop consuming without a word (a coordinator lost, an acknowledgement missing); the only sign is the lag. Whoever runs a worker looks every
few seconds and ends the process, which the supervisor starts again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.bus import Bus, Place
from hub.errors import BusUnavailable


@dataclass(frozen=True, slots=True)
class Sample:
    """How far a group was at `time` (monotonic seconds): records behind, and the offset committed, per partition."""

    time: float
    behind: Mapping[Place, int]
    committed: Mapping[Place, int]


def sample(bus: Bus, group: str, topics: Sequence[str], now: float) -> Sample:
    """How far `group` is on `topics` at `now`, monotonic seconds.

    Raises:
        BusUnavailable: the bus does not answer.
    """
    behind: dict[Place, int] = {}
    committed: dict[Place, int] = {}
    for topic in topics:
        # The lag first: a commit in between can only make the sum larger, which reads as movement and never as a stall.
        lag, ends = bus.lag(group, topic), bus.ends(topic)
        behind |= {(topic, number): count for number, count in lag.items()}
        committed |= {(topic, number): ends[number] - count for number, count in lag.items()}
    return Sample(now, behind, committed)


def stalled(samples: Sequence[Sample], patience: float) -> frozenset[Place]:
    """The partitions that were behind in every sample of the last `patience` seconds without a new commit."""
    if not samples or samples[-1].time - samples[0].time < patience:
        return frozenset()
    last = samples[-1]
    # The newest sample that is at least as old as the patience, and everything after it.
    begin = max(place for place, seen in enumerate(samples) if last.time - seen.time >= patience)
    window = samples[begin:]
    return frozenset(
        place
        for place, committed in last.committed.items()
        if all(seen.behind.get(place, 0) > 0 and seen.committed.get(place) == committed for seen in window)
    )


class Watchdog:
    """Keeps the samples that a decision needs; a bus that does not answer is no worker's fault and starts the count anew."""

    def __init__(self, bus: Bus, group: str, topics: Sequence[str], patience: float = 60.0) -> None:
        self._bus = bus
        self._group = group
        self._topics = tuple(topics)
        self._patience = patience
        self._samples: list[Sample] = []

    def look(self, now: float) -> frozenset[Place]:
        """The partitions that stand still at `now`, monotonic seconds; not empty means that the worker is to be ended."""
        try:
            self._samples.append(sample(self._bus, self._group, self._topics, now))
        except BusUnavailable:
            self._samples.clear()
        while len(self._samples) > 2 and now - self._samples[1].time >= self._patience:
            del self._samples[0]
        return stalled(self._samples, self._patience)
