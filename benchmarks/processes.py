"""What processes use, from /proc: CPU seconds, resident and proportional memory, and who runs what."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: `resident` counts shared pages in every process, `proportional` shares them out."""

    resident: int
    proportional: int

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.resident + other.resident, self.proportional + other.proportional)


def cpu_seconds(pid: int) -> float:
    """CPU seconds of all threads of a process so far; ProcessLookupError when it is gone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> Memory:
    """What a process holds now."""
    resident = int(_stat(pid)[21]) * _PAGE
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return Memory(resident, int(line.split()[1]) * 1024)
    return Memory(resident, resident)


def descendants(pid: int) -> list[int]:
    """The process and everything it has started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            found += descendants(int(child))
    return found


def parts(supervisor: int) -> dict[str, int]:
    """The parts of a hub by name, from the command lines of what its supervisor has started."""
    found = {}
    for pid in descendants(supervisor):
        words = _command(pid)
        if "hub.roles" in words:
            found[words[words.index("hub.roles") + 1]] = pid
        elif "simulators" in words:
            found["simulators"] = pid
    return found


class Meter:
    """CPU seconds and wall seconds since it was made, for named processes."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._begun = time.monotonic()
        self._before = {name: cpu_seconds(pid) for name, pid in self._pids.items()}
        self._machine = _machine_busy()

    @property
    def seconds(self) -> float:
        """Wall seconds."""
        return time.monotonic() - self._begun

    def spent(self) -> dict[str, float]:
        """CPU seconds by name; ProcessLookupError when one was restarted meanwhile."""
        return {name: cpu_seconds(pid) - self._before[name] for name, pid in self._pids.items()}

    def machine(self) -> float:
        """How many cores of the whole machine were busy on average, strangers included."""
        return (_machine_busy() - self._machine) / self.seconds


def shown(spent: Mapping[str, float], unit: float, form: str = ".1f") -> str:
    """CPU by process, each divided by `unit`, dearest first."""
    ordered = sorted(spent.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {seconds / unit:{form}}" for name, seconds in ordered)


def load_average() -> str:
    """The machine's load over one minute."""
    return f"{os.getloadavg()[0]:.1f}"


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        raise ProcessLookupError(f"process {pid} has ended") from None


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except FileNotFoundError:
        return []


def _machine_busy() -> float:
    """CPU seconds in which any core did anything: user, nice, system, irq, softirq, steal."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    return sum(int(fields[place]) for place in (0, 1, 2, 5, 6, 7)) / _TICKS
