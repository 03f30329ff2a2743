"""The chunk store beside a writer, and killed at full speed: the same readings, processes of their own."""

import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.history.data import SERIES, STEP, T0
from benchmarks.history.questions import ALL, year_before
from benchmarks.result import Result, Say, judged, median, spread
from storage.chunks import ChunkStore

_ROOT: Final = Path(__file__).resolve().parents[2]
_BESIDE: Final = (sys.executable, "-m", "benchmarks.history.beside")
_RATE: Final = 20_000
_KILLS: Final = 5


def read_beside(folder: Path, end: int, seconds: int, say: Say) -> Result:
    """A reader's times with no writer and beside one, twice each, in turn."""
    found: dict[bool, list[float]] = {False: [], True: []}
    errors = 0
    done = (end - T0) // STEP * SERIES
    for written in (False, True, False, True):
        writer = _start("write", folder, done, _RATE) if written else None
        reader = _start("read", folder, year_before(T0, end), end, seconds)
        lines = reader.communicate()[0].splitlines()
        if writer is not None:
            done = _end(writer, done)
        errors += sum(line.startswith("error") for line in lines)
        found[written] += [float(line) for line in lines if not line.startswith("error")]
    idle, busy = median(found[False]), median(found[True])
    say(f"beside a writer at {_RATE}/s: {busy:.2f} ms, alone {idle:.2f} ms, {errors} errors")
    return Result(
        figure=f"a year of hours asked beside a writer at {_RATE}/s: p50 / p50 without; errors",
        reach="<= 1.2; 0",
        measured=f"{busy / idle:.2f}; {errors}",
        verdict=judged(busy <= 1.2 * idle and not errors),
        notes=(f"median (range), ms: beside {spread(found[True], '.2f')}, alone {spread(found[False], '.2f')}",),
    )


def killed(folder: Path, say: Say) -> Result:
    """Killed at full speed, again and again: how long the store takes to open, and whether all that was acknowledged is there."""
    opened, lost, acknowledged = [], 0, 0
    for turn in range(_KILLS):
        begun = time.perf_counter()
        store = ChunkStore(folder)
        newest = max(int(points.time[0]) for points in store.latest(ALL))
        opened.append(time.perf_counter() - begun)
        done = ((newest - T0) // STEP + 1) * SERIES
        lost += max(0, acknowledged - done)
        store.close()
        writer = _start("write", folder, done, 0)
        acknowledged = _end(writer, done, after=200 + 100 * turn)
    say(f"killed {_KILLS} times: opened again in {spread(opened, '.2f')} s, {lost} readings lost")
    return Result(
        figure=f"killed {_KILLS} times at full speed: seconds until it answers again; readings lost",
        reach="<= 2; 0",
        measured=f"{max(opened):.2f}; {lost}",
        verdict=judged(max(opened) <= 2 and not lost),
        notes=(
            "in sealing, merging, compaction and migration: `make chaos ARGS=tests/storage/test_kills.py`, 50 each",
        ),
    )


def _start(*arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen([*_BESIDE, *map(str, arguments)], cwd=_ROOT, stdout=subprocess.PIPE, text=True)


def _end(writer: "subprocess.Popen[str]", done: int, after: int = 0) -> int:
    """Kill the writer when it has acknowledged `after` more batches; how many readings it has acknowledged."""
    stream = writer.stdout
    if stream is None:
        return done
    for line in islice(stream, after):
        done = int(line)
    writer.kill()
    for line in stream:
        done = int(line) if line.endswith("\n") else done
    stream.close()
    writer.wait()
    return done
