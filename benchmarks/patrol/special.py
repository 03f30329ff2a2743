"""The water's colour (V9) and smoke (V10): streams with a plume, and streams that only look as if."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from benchmarks.patrol.chance import rate_bound
from benchmarks.patrol.outcome import Outcome
from benchmarks.patrol.segments import START, Segment
from benchmarks.patrol.tally import DAY_S, Recall
from simulators.river.scene import Traffic, scene

KINDS: Final = {"colour": "water.colour", "smoke": "smoke.suspected"}
COLOUR_PERIOD_MS: Final = 5000
SMOKE_PERIOD_MS: Final = 1000
VISIBLE_DELTA: Final = 8.0
WITHIN_S: Final = {"colour": 900, "smoke": 90}
_RISES_S: Final = 300
_DYE_AT: Final = 900
_SMOKE_AT: Final = 150


@dataclass(frozen=True, slots=True)
class Trial:
    """One stream and since when its plume is to be seen (seconds; None without one)."""

    what: str
    segment: Segment
    since: float | None


@dataclass
class Found:
    """How the trials of one suite went."""

    recall: Recall = field(default_factory=Recall)
    delays: list[float] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, trial: Trial, outcome: Outcome) -> None:
        """Take one trial in: an alarm before its plume is false, and so is any without a plume."""
        told = sorted((alarm.told - START) / 1000 for alarm in outcome.alarms if alarm.kind == KINDS[trial.what])
        since = trial.since
        early = [at for at in told if since is None or at < since - _RISES_S]
        self.false += [f"{outcome.name} at {at:.0f} s" for at in early]
        self.seconds += outcome.seconds if since is None else since
        if since is not None:
            right = [at - since for at in told if at not in early and at <= since + WITHIN_S[trial.what]]
            self.recall.add(bool(right))
            self.delays += [max(0.0, right[0])] if right else []

    def rate(self) -> tuple[float, float]:
        """False alarms a camera-day, and the bound."""
        days = max(self.seconds / DAY_S, 1e-9)
        return len(self.false) / days, rate_bound(len(self.false), days)


def trials(what: str, *, small: bool = False) -> Sequence[Trial]:
    """The streams of a suite."""
    if what == "colour":
        plumes = [
            ("lock", "calm", 14.0),
            ("lookout", "ripple", 10.0),
            ("lake-inlet", "clouds", 12.0),
            ("old-bridge", "dusk", 14.0),
        ]
        quiet = [("lock", "dawn"), ("lake-inlet", "dusk"), ("old-bridge", "clouds"), ("lookout", "rain")]
        return [
            *(
                _dyed(site, weather, delta, number)
                for number, (site, weather, delta) in enumerate(plumes[: 1 if small else None])
            ),
            *(
                _plain("colour", site, weather, COLOUR_PERIOD_MS, 3600)
                for site, weather in quiet[: 0 if small else None]
            ),
        ]
    smoking = [("lookout", "calm"), ("lookout", "ripple"), ("lookout", "dusk"), ("lookout", "clouds")]
    quiet = [("lookout", "fog"), ("lookout", "clouds"), ("lookout", "dawn"), ("lookout", "rain")]
    return [
        *(_smoking(site, weather, number) for number, (site, weather) in enumerate(smoking[: 1 if small else None])),
        *(_plain("smoke", site, weather, SMOKE_PERIOD_MS, 600) for site, weather in quiet[: 0 if small else None]),
    ]


def _dyed(site: str, weather: str, delta: float, number: int) -> Trial:
    traffic = Traffic(dye_at=_DYE_AT, dye_delta=delta)
    segment = Segment(scene(site, weather, traffic), 500 + number, 0, _DYE_AT + 1500, COLOUR_PERIOD_MS)
    return Trial("colour", segment, _DYE_AT + _RISES_S * VISIBLE_DELTA / delta)


def _smoking(site: str, weather: str, number: int) -> Trial:
    segment = Segment(
        scene(site, weather, Traffic(smoke_at=_SMOKE_AT)), 520 + number, 0, _SMOKE_AT + 150, SMOKE_PERIOD_MS
    )
    return Trial("smoke", segment, float(_SMOKE_AT + 10))


def _plain(what: str, site: str, weather: str, period: int, length: int) -> Trial:
    calm = msgspec.structs.replace(scene(site, weather), traffic=Traffic(birds=10, boats=4))
    return Trial(what, Segment(calm, 540, 0, length, period), None)
