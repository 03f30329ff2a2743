"""The supervisor starts parts again, ends them in time, and leaves no orphan."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from hub.supervisor import Supervisor
from tests.engines import wait_until

PATIENT = "import signal,sys,time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True); [time.sleep(0.05) for _ in iter(int, 1)]"
STUBBORN = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); [time.sleep(0.05) for _ in iter(int, 1)]"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(") ")[1][0] != "Z"


def running(supervisor: Supervisor) -> threading.Thread:
    """`run` without its signal handlers, which only a main thread may set."""

    def loop() -> None:
        supervisor.start()
        supervisor.look_after_until_stopped()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    return thread


def test_a_part_that_ends_is_started_again() -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.add("part", (sys.executable, "-c", PATIENT))
    thread = running(supervisor)
    wait_until(supervisor.pids, 10, "the part runs")
    first = supervisor.pids()["part"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: supervisor.pids().get("part", first) != first, 10, "another process runs")
    assert any("ended with status -9" in sentence for sentence in said)
    second = supervisor.pids()["part"]
    supervisor.request_stop()
    thread.join(10)
    assert not alive(second)


def test_a_part_that_does_not_listen_is_killed() -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.add("part", (sys.executable, "-c", STUBBORN))
    thread = running(supervisor)
    wait_until(supervisor.pids, 10, "the part runs")
    pid = supervisor.pids()["part"]
    wait_until(lambda: b"-c" in Path(f"/proc/{pid}/cmdline").read_bytes(), 10, "it was executed")
    supervisor.request_stop()
    thread.join(15)
    assert not alive(pid)


def test_children_end_when_the_supervisor_is_killed() -> None:
    child = "from hub.lifeline import end_with_parent; import time; end_with_parent(); print('up', flush=True); [time.sleep(0.05) for _ in iter(int, 1)]"
    parent = f"import subprocess,sys; p=subprocess.Popen([sys.executable,'-c',{child!r}],stdin=subprocess.PIPE); print(p.pid, flush=True); p.wait()"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = {process.stdout.readline().strip(), process.stdout.readline().strip()}
    pid = int((lines - {"up"}).pop())
    process.kill()
    process.wait()
    process.stdout.close()
    wait_until(lambda: not alive(pid), 10, "the child has ended")
