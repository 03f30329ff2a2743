"""A monitoring station or a logger: signals with a daily course and noise, bent by what happens; writes its own JSON."""

import json
from collections.abc import Sequence

import numpy as np

from simulators.course import Signals
from simulators.message import Outgoing, rfc3339
from simulators.scenario import DeviceOf, Happening


class StationSimulator:
    """Sends `telemetry`: all its properties, every period; knows the truth because it makes it."""

    def __init__(self, topic: str, device: DeviceOf, happenings: Sequence[Happening], seed: int) -> None:
        self._topic = f"{topic}/telemetry"
        self._happenings = happenings
        signals = device.fleet.signals
        self._signals = Signals(signals, happenings, np.random.default_rng([seed, device.number, len(signals)]))
        self._sequence = 0

    def messages(self, moment: int, elapsed: float) -> list[Outgoing]:
        """What it sends at `moment` (epoch ms), `elapsed` seconds into the scenario."""
        running = [item for item in self._happenings if item.running(elapsed) is not None]
        if any(item.what == "silence" for item in running):
            return []
        values = self._signals.values(moment, elapsed)
        flags = {item.property: "C" for item in running if item.what == "calibration"}
        self._sequence += 1
        body: dict[str, object] = {"ts": rfc3339(moment), "values": values, "seq": self._sequence}
        if flags:
            body["flags"] = flags
        return [Outgoing(self._topic, json.dumps(body).encode(), moment, values)]
