"""What the figures were taken on: facts without names of hosts."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parent.parent
_PACKAGES: Final = ("paho-mqtt", "faust-streaming", "aiokafka", "numpy", "msgspec", "fastapi")


def facts() -> list[str]:
    """One sentence each."""
    memory = _first("/proc/meminfo", "MemTotal")
    model = _first("/proc/cpuinfo", "model name") or platform.machine()
    gigabytes = int(memory.split()[0]) / 1e6 if memory else 0
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"taken {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on commit {_commit()}",
        f"{os.cpu_count()} cores ({model}), {gigabytes:.0f} GB of memory, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {packages}",
        "peers and engines: Mosquitto of Debian, and the versions that `deploy/engines/*.sh` name; their settings are in those scripts",
        (
            "Telegraf: json, QoS 1, persistent session, flush 1 s, batches of 1000, at most 1000 undelivered; "
            "InfluxDB as it comes; every process, the load too, shares these cores"
        ),
    ]


def command() -> str:
    """How this run was asked for."""
    arguments = " ".join(sys.argv[1:])
    return f'make bench ARGS="{arguments}"' if arguments else "make bench"


def _first(path: str, key: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _commit() -> str:
    try:
        asked = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
