"""Outcomes added up: recall by size and condition, false alarms a day with their bound, duplicates, delay, size error, cost."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.patrol.chance import ranked, rate_bound, share_interval
from benchmarks.patrol.match import Pair, Presence
from benchmarks.patrol.outcome import MEANT_BY, Outcome
from benchmarks.patrol.presences import GROUPS

DAY_S: Final = 86_400
SIZES: Final = ("0.2-0.3 m", "0.3-0.5 m", "> 0.5 m", "coverage > 2 m2")
_BESIDE_M: Final = 2.0


def size_class(presence: Presence) -> str:
    """Which of the protocol's classes a piece of debris belongs to."""
    if presence.kind == "coverage" and presence.area >= 2:
        return SIZES[3]
    return SIZES[0] if presence.size < 0.3 else SIZES[1] if presence.size < 0.5 else SIZES[2]


@dataclass
class Recall:
    """How many of the events were found."""

    hits: int = 0
    events: int = 0

    def add(self, hit: bool) -> None:
        """Count one event."""
        self.hits += hit
        self.events += 1

    def shown(self) -> str:
        """The share with its 95 % interval, and the counts."""
        if not self.events:
            return "-"
        low, high = share_interval(self.hits, self.events)
        return f"{self.hits / self.events:.2f} ({low:.2f}-{high:.2f}; {self.hits} of {self.events})"


@dataclass
class Tally:
    """The sums over outcomes; `worst` are the events missed and the alarms that were false, each with its segment."""

    seconds: float = 0.0
    frames: int = 0
    segments: int = 0
    by_size: dict[str, Recall] = field(default_factory=dict)
    by_word: dict[str, dict[str, Recall]] = field(default_factory=dict)
    by_class: dict[str, Recall] = field(default_factory=dict)
    others: dict[str, Recall] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    false_by_word: Counter[str] = field(default_factory=Counter)
    seconds_by_word: Counter[str] = field(default_factory=Counter)
    because: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    errors: dict[str, list[float]] = field(default_factory=dict)
    busy: list[float] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    blind: dict[str, list[float]] = field(default_factory=dict)
    camera: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Recall] = field(default_factory=dict)
    missed: list[tuple[Outcome, Presence]] = field(default_factory=list)
    wrong: list[tuple[Outcome, Pair]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Take one segment in."""
        word = outcome.name.split(", ")[1]
        self.segments += 1
        self.seconds += outcome.seconds
        self.frames += outcome.frames
        self.seconds_by_word[word] += round(outcome.seconds)
        self.busy.append(outcome.busy_ms)
        self.held.append(outcome.held)
        self.blind.setdefault(word, []).append(outcome.blind)
        for about in ("debris", "water", "bank"):
            self._about(outcome, about, word)
        self._camera(outcome)

    @property
    def days(self) -> float:
        """Camera-days that were rendered and counted."""
        return self.seconds / DAY_S

    def false_rate(self, about: str = "debris") -> tuple[int, float, float]:
        """False alarms about debris, the water or the bank: how many, a day, and the highest rate a day that they do not rule out (95 %)."""
        count = sum(number for kind, number in self.false.items() if MEANT_BY[kind] == about)
        days = max(self.days, 1e-9)
        return count, count / days, rate_bound(count, days)

    def precision(self) -> float | None:
        """Hits among the alarms about debris that count."""
        counted = self.verdicts["hit"] + self.verdicts["false"]
        return self.verdicts["hit"] / counted if counted else None

    def delay(self, share: float) -> float | None:
        """Seconds from first visible to told, by rank."""
        return ranked(self.delays, share)

    def _about(self, outcome: Outcome, about: str, word: str) -> None:
        pairs = outcome.of(about)
        for pair in pairs:
            if pair.verdict == "false":
                self.false[pair.alarm.kind] += 1
                self.because[cause(outcome, pair)] += 1
                self.wrong.append((outcome, pair))
                self.false_by_word[word] += about == "debris"
        hits = {pair.presence.id: pair for pair in pairs if pair.verdict == "hit" and pair.presence}
        for event in outcome.events(about):
            if about == "debris":
                self._debris(outcome, event, hits.get(event.id), word)
            else:
                self.others.setdefault(event.kind, Recall()).add(event.id in hits)
        if about == "debris":
            self.verdicts.update(pair.verdict for pair in pairs)

    def _debris(self, outcome: Outcome, event: Presence, pair: Pair | None, word: str) -> None:
        size = size_class(event)
        for counts in (self.by_size, self.by_word.setdefault(word, {})):
            counts.setdefault(size, Recall()).add(pair is not None)
        self.by_class.setdefault(event.cls, Recall()).add(pair is not None)
        if pair is None:
            self.missed.append((outcome, event))
            return
        self.delays.append(max(0.0, (pair.alarm.told - event.first) / 1000))
        if pair.alarm.size is not None and event.kind == "debris":
            self.errors.setdefault(size, []).append(abs(pair.alarm.size - event.size) / event.size)

    def _camera(self, outcome: Outcome) -> None:
        told = [alarm for alarm in outcome.alarms if alarm.kind.startswith("camera.")]
        for what, start, end in outcome.faults:
            found = [alarm for alarm in told if start <= alarm.told <= end + 15_000]
            self.faults.setdefault(what, Recall()).add(bool(found))
        for alarm in told:
            real = any(start <= alarm.told <= end + 15_000 for _, start, end in outcome.faults)
            self.camera[f"{alarm.kind}{' (something was wrong)' if real else ''}"] += 1


def cause(outcome: Outcome, pair: Pair) -> str:
    """What a false alarm was on: the nearest thing of another kind at that moment, or nothing."""
    nearest, name = _BESIDE_M, "water alone"
    for sight in pair.alarm.sights:
        for presence in outcome.presences:
            for there in presence.sights:
                if sight.metre and there.metre and abs(there.time - sight.time) <= 500:
                    away = max(abs(sight.metre[0] - there.metre[0]), abs(sight.metre[1] - there.metre[1]))
                    if away < nearest:
                        nearest, name = away, presence.kind if GROUPS[presence.kind] != "debris" else "beside debris"
    return name


def tallied(outcomes: Iterable[Outcome]) -> Tally:
    """The sum of outcomes."""
    tally = Tally()
    for outcome in outcomes:
        tally.add(outcome)
    return tally


def middle(values: Sequence[float]) -> float:
    """The median; 0 of none."""
    return ranked(values, 0.5) or 0.0
