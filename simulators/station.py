"""A monitoring station or a logger: signals with a daily course and noise, bent by what happens; writes its own JSON."""

import json
import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from simulators.message import Outgoing, rfc3339
from simulators.scenario import DeviceOf, Happening, Signal

_DAY: Final = 86_400.0
_MEMORY: Final = 0.9
"""Share of the noise that is kept from one reading to the next (first-order autoregression)."""


class StationSimulator:
    """Sends `telemetry`: all its properties, every period; knows the truth because it makes it."""

    def __init__(self, topic: str, device: DeviceOf, happenings: Sequence[Happening], seed: int) -> None:
        self._topic = f"{topic}/telemetry"
        self._signals = device.fleet.signals
        self._happenings = happenings
        self._random = np.random.default_rng([seed, device.number, len(self._signals)])
        self._noise = dict.fromkeys(self._signals, 0.0)
        self._offset = 1.0 + 0.06 * self._random.standard_normal()
        self._sequence = 0

    def messages(self, moment: int, elapsed: float) -> list[Outgoing]:
        """What it sends at `moment` (epoch ms), `elapsed` seconds into the scenario."""
        running = [item for item in self._happenings if item.running(elapsed) is not None]
        if any(item.what == "silence" for item in running):
            return []
        values = {name: self._value(name, signal, moment, elapsed) for name, signal in self._signals.items()}
        flags = {item.property: "C" for item in running if item.what == "calibration"}
        self._sequence += 1
        body: dict[str, object] = {"ts": rfc3339(moment), "values": values, "seq": self._sequence}
        if flags:
            body["flags"] = flags
        return [Outgoing(self._topic, json.dumps(body).encode(), moment, values)]

    def _value(self, name: str, signal: Signal, moment: int, elapsed: float) -> float:
        innovation = signal.noise * math.sqrt(1 - _MEMORY**2)
        self._noise[name] = _MEMORY * self._noise[name] + innovation * float(self._random.standard_normal())
        phase = math.sin(2 * math.pi * (moment / 1000 % _DAY) / _DAY)
        value = signal.base * self._offset + signal.swing * phase + self._noise[name]
        for item in self._happenings:
            since = item.running(elapsed)
            if since is None or item.property != name:
                continue
            share = 1.0 if item.what != "ramp" else min(1.0, since / (item.rise or item.lasts / 2))
            value += (item.to - value) * share
        return round(max(signal.low, value), signal.digits)
