"""What the scenario lets happen to one device, and its signals bent by it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from simulators.scenario import Happening, Signal

_DAY: Final = 86_400.0
_MEMORY: Final = 0.9
"""Share of the noise that is kept from one reading to the next (first-order autoregression)."""


@dataclass(frozen=True, slots=True)
class Record:
    """One report of a field device: its time as the device means it (epoch ms), what it means by the hub's own words, and whether it was answered."""

    moment: int
    truth: Mapping[str, object]
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """Happenings by epoch ms; `start` is the scenario's beginning."""

    start: int = 0
    happenings: tuple[Happening, ...] = ()

    def bent(self, name: str, value: float, now: int) -> float:
        """A property's value at rest, as what happens now makes it."""
        return bent(name, value, self.happenings, self._elapsed(now))

    def running(self, what: Literal["alarm", "calibration", "silence"], now: int) -> list[tuple[Happening, float]]:
        """What of this kind runs now, each with the seconds after the start at which this time of it began."""
        elapsed = self._elapsed(now)
        found = [(item, item.running(elapsed)) for item in self.happenings if item.what == what]
        return [(item, elapsed - since) for item, since in found if since is not None]

    def silent(self, now: int) -> bool:
        """Whether the device says nothing of its own now."""
        return bool(self.running("silence", now))

    def _elapsed(self, now: int) -> float:
        return (now - self.start) / 1000


QUIET: Final = Course()
"""Nothing happens."""


class Signals:
    """The properties of one station: a daily course, noise, a small offset of its own."""

    def __init__(
        self, signals: Mapping[str, Signal], happenings: Sequence[Happening], random: np.random.Generator
    ) -> None:
        self._signals = signals
        self._happenings = happenings
        self._random = random
        self._noise = dict.fromkeys(signals, 0.0)
        self._offset = 1.0 + 0.06 * random.standard_normal()

    def values(self, moment: int, elapsed: float) -> dict[str, float]:
        """All of them at `moment` (epoch ms), `elapsed` seconds into the scenario."""
        return {name: self._value(name, signal, moment, elapsed) for name, signal in self._signals.items()}

    def _value(self, name: str, signal: Signal, moment: int, elapsed: float) -> float:
        innovation = signal.noise * math.sqrt(1 - _MEMORY**2)
        self._noise[name] = _MEMORY * self._noise[name] + innovation * float(self._random.standard_normal())
        phase = math.sin(2 * math.pi * (moment / 1000 % _DAY) / _DAY)
        value = signal.base * self._offset + signal.swing * phase + self._noise[name]
        return round(max(signal.low, bent(name, value, self._happenings, elapsed)), signal.digits)


def bent(name: str, value: float, happenings: Sequence[Happening], elapsed: float) -> float:
    """A value after steps and ramps of its property."""
    for item in happenings:
        since = item.running(elapsed)
        if since is None or item.property != name:
            continue
        share = 1.0 if item.what != "ramp" else min(1.0, since / (item.rise or item.lasts / 2))
        value += (item.to - value) * share
    return value
