"""The load: water stations whose readings cross the limits again and again, published by the simulators in a process of their own."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tomli_w

from simulators.publisher import PASSWORD_VARIABLE

DEPARTMENT: Final = "zhenhai"
PROPERTIES: Final = ("ph", "do", "nh3_n")
DECLARED_PERIOD_S: Final = 60
"""What the register says; far above what the stations do, so that no fault here is long enough for `unknown`."""

_DRAIN_SECONDS: Final = 60.0

RULES: Final[dict[str, dict[str, object]]] = {
    # Most episodes are inside a delay at any moment: whoever forgets his state at a kill shifts or loses a transition.
    "nh3-held": {"property": "nh3_n", "above": {"3": 1.0}, "deadband": 0.1, "on_delay": "8s", "off_delay": "6s"},
    "do-low": {"property": "do", "below": {"2": 3.0}, "off_delay": "4s"},
    "ph-steps": {"property": "ph", "above": {"4": 8.6, "3": 9.0, "1": 9.6}, "on_delay": "2s", "off_delay": "2s"},
}


@dataclass(frozen=True, slots=True)
class District:
    """How many stations there are, how often each sends (event seconds), how many times as fast event time runs."""

    stations: int
    period: float
    speed: float

    @property
    def devices(self) -> list[str]:
        """Every station as `department/kind/device`."""
        return [f"{DEPARTMENT}/water/S{number:02d}" for number in range(1, self.stations + 1)]

    def write(self, folder: Path) -> None:
        """Put `scenario.toml`, `stations.csv` and `rules/` into the folder."""
        (folder / "scenario.toml").write_text(tomli_w.dumps(self._scenario()))
        targets: dict[str, object] = {"targets": ["*/water/*"]}
        rows = ["station,period_s", *(f"{station},{DECLARED_PERIOD_S}" for station in self.devices)]
        (folder / "stations.csv").write_text("\n".join(rows) + "\n")
        (folder / "rules").mkdir()
        for name, rule in RULES.items():
            (folder / "rules" / f"{name}.toml").write_text(tomli_w.dumps(targets | rule))

    def _scenario(self) -> dict[str, object]:
        signals = {
            "ph": {"base": 7.4, "noise": 0.04, "digits": 2},
            "do": {"base": 6.8, "noise": 0.12, "digits": 2},
            "nh3_n": {"base": 0.42, "noise": 0.02, "digits": 3},
        }
        fleet = {"kind": "water", "prefix": "S", "count": self.stations, "period": self.period, "signals": signals}
        happenings = [found for number in range(self.stations) for found in _happenings(number)]
        return {"name": "chaos", "department": DEPARTMENT, "fleets": [fleet], "happenings": happenings}


def _happenings(number: int) -> list[dict[str, object]]:
    """What befalls one station: a step that outlasts the delay, one that does not, a low, a climb through three levels."""
    device, shift = f"S{number + 1:02d}", (number * 7) % 40
    return [
        {"device": device, "what": "step", "property": "nh3_n", "to": 2.4, "at": 2 + shift, "lasts": 16, "every": 40},
        {"device": device, "what": "step", "property": "nh3_n", "to": 1.9, "at": 26 + shift, "lasts": 5, "every": 40},
        {"device": device, "what": "step", "property": "do", "to": 1.5, "at": 9 + shift, "lasts": 9, "every": 32},
        {"device": device, "what": "ramp", "property": "ph", "to": 10.1, "at": 15 + shift, "lasts": 30, "every": 64},
    ]


class Load:
    """The simulators at work; what they sent and what was acknowledged stands in `truth`."""

    def __init__(self, folder: Path, broker: str, password: str | None, *, seed: int, speed: float) -> None:
        self.truth = folder / "truth.jsonl"
        command = [sys.executable, "-m", "simulators", str(folder / "scenario.toml"), "--broker", broker]
        command += ["--seed", str(seed), "--speed", f"{speed:g}", "--truth", str(self.truth)]
        environment = {**os.environ, PASSWORD_VARIABLE: password} if password else dict(os.environ)
        with (folder / "simulators.err").open("wb") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
            )
        self._errors = folder / "simulators.err"

    @property
    def alive(self) -> bool:
        """Whether it still publishes."""
        return self._process.poll() is None

    def acknowledged(self) -> int:
        """Messages acknowledged so far."""
        return self.truth.read_bytes().count(b'"kind": "message"') if self.truth.exists() else 0

    def end(self) -> None:
        """Send no more, wait for what is on its way; AssertionError when the broker still owes an acknowledgement."""
        self._process.send_signal(signal.SIGTERM)
        said, _ = self._process.communicate(timeout=_DRAIN_SECONDS)
        assert self._process.returncode == 0, self._errors.read_text()
        report = json.loads(said)
        assert report["sent"] == report["acknowledged"], f"the broker never acknowledged some messages: {report}"

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.alive:
            self._process.kill()
            self._process.communicate()
