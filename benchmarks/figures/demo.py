"""What `hub demo` takes of a machine, and how soon its first alert is there."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx
import msgspec

from benchmarks.processes import Memory, Meter, cpu_seconds, descendants, memory, parts, shown
from benchmarks.result import Result, Say, Scale, judged
from tests.engines import free_port, wait_until

RESIDENT: Final = 500e6
CORE: Final = 0.15
ALERT_SECONDS: Final = 20.0
STOP_SECONDS: Final = 5.0
_WITHIN: Final = 90.0


def run(scale: Scale, say: Say) -> list[Result]:
    """Rows for memory, CPU, the first alert and the end."""
    with tempfile.TemporaryDirectory(prefix="streamwarden-demo-") as folder:
        data = Path(folder) / "data"
        begun = time.monotonic()
        process = _start(data)
        try:
            wait_until(lambda: _alerts(data), _WITHIN, "the demo's first alert")
            first = time.monotonic() - begun
            say(f"first alert after {first:.1f} s")
            rows = [_first_alert(first), *_running(process, scale.pick(15, 60), say)]
            return [*rows, _ending(process)]
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _start(data: Path) -> "subprocess.Popen[bytes]":
    port = free_port(2)
    options = ["--data", str(data), "--port", str(port), "--mqtt-port", str(port + 1)]
    return subprocess.Popen(
        [sys.executable, "-m", "hub", "demo", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _alerts(data: Path) -> bool:
    """Whether the duty page would show an alert."""
    try:
        address = msgspec.json.decode((data / "addresses.json").read_bytes())["http"]
        token = (data / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{address}/v1/alerts", headers=headers, trust_env=False, timeout=5)
        return bool(answer.status_code == httpx.codes.OK and answer.json()["items"])
    except (OSError, httpx.TransportError):
        return False


def _running(process: "subprocess.Popen[bytes]", seconds: int, say: Say) -> list[Result]:
    named = parts(process.pid) | {"supervisor": process.pid}
    others = set(descendants(process.pid)) - set(named.values())
    pids = named | {f"child {pid}": pid for pid in others}
    meter = Meter(pids)
    _pass(process.pid, seconds)
    spent, took = meter.spent(), meter.seconds
    held = {name: memory(pid) for name, pid in pids.items()}
    total = sum(held.values(), Memory(0, 0))
    share = sum(spent.values()) / took
    say(f"{total.resident / 1e6:.0f} MB resident, {share:.1%} of a core")
    each = ", ".join(f"{name} {kept.resident / 1e6:.0f}/{kept.proportional / 1e6:.0f}" for name, kept in held.items())
    return [
        Result(
            figure="`hub demo`, resident memory of all its processes",
            reach="<= 500 MB",
            measured=f"{total.resident / 1e6:.0f} MB RSS, {total.proportional / 1e6:.0f} MB PSS",
            verdict=judged(total.resident <= RESIDENT),
            notes=(f"RSS/PSS in MB: {each}", "judged by RSS, which counts pages that processes share in each of them"),
        ),
        Result(
            figure=f"`hub demo`, CPU once running, mean of {seconds} s",
            reach="<= 15 % of one core",
            measured=f"{share:.1%}",
            verdict=judged(share <= CORE),
            notes=(f"per cent of a core: {shown(spent, took / 100)}",),
        ),
    ]


def _pass(pid: int, seconds: int) -> None:
    """Let time pass while the process lives."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        cpu_seconds(pid)  # says so if it has ended
        time.sleep(0.5)


def _first_alert(seconds: float) -> Result:
    return Result(
        figure="`hub demo`, start to first alert",
        reach=f"<= {ALERT_SECONDS:.0f} s",
        measured=f"{seconds:.1f} s",
        verdict=judged(seconds <= ALERT_SECONDS),
        notes=("on an empty data folder, until `GET /v1/alerts` shows one",),
    )


def _ending(process: "subprocess.Popen[bytes]") -> Result:
    everybody = descendants(process.pid)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    took = time.monotonic() - begun
    orphans = [pid for pid in everybody if Path(f"/proc/{pid}").exists()]
    return Result(
        figure="`hub demo`, Ctrl-C to the end of every process",
        reach=f"<= {STOP_SECONDS:.0f} s, no orphan",
        measured=f"{took:.1f} s, {len(orphans)} orphans",
        verdict=judged(took <= STOP_SECONDS and not orphans),
    )
