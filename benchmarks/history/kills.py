"""Kills of the chunk store's writer, counted: `python -m benchmarks.history.kills KILLS` prints what they took.

They are the kills of `tests/storage/test_kills.py`, which ends the writer after a number of instructions of SQLite's machine, in writing and in sealing. A
process of its own, because it forks.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from storage.chunks import ChunkStore
from tests.storage.builders import ALL, Reading, batch, everything
from tests.storage.journalist import SEGMENT_VALUES, T0, expected, step
from tests.storage.test_kills import killed, moments, write_on

_ROOT: Final = Path(__file__).resolve().parents[2]


class Toll(msgspec.Struct):
    """What kills took: acknowledged readings that were not there afterwards, readings that were there twice, and the longest time to open again, s."""

    kills: int = 0
    met: int = 0
    lost: int = 0
    doubled: int = 0
    longest: float = 0.0

    def count(self, was_killed: object, folder: Path, allowed: Sequence[list[Reading]]) -> list[Reading]:
        """Open the store and count; `allowed` are the contents it may have. What it holds."""
        begun = time.perf_counter()
        store = ChunkStore(folder, segment_values=SEGMENT_VALUES)
        store.latest(ALL)
        self.longest = max(self.longest, time.perf_counter() - begun)
        found = everything(store)
        store.close()
        self.kills += 1
        self.met += bool(was_killed)
        self.lost += min(len(set(rows) - set(found)) for rows in allowed)
        self.doubled += len(found) - len({row[:3] for row in found})
        return found


def writing(folder: Path, kills: int) -> Toll:
    """Killed while it writes, seals and merges; the step that was being written may be there or not."""
    toll, after, done = Toll(), moments(1, 5.5), 0
    for _ in range(kills):
        was_killed, last = killed(lambda tell: write_on(folder, done, tell), after())  # noqa: B023 - used at once
        steps = max(done, last + 1)
        found = toll.count(was_killed, folder, [expected(steps), expected(steps + 1)])
        done = (max((row[2] for row in found), default=T0 - 1000) - T0) // 1000 + 1
    return toll


def sealing(folder: Path, kills: int) -> Toll:
    """Killed while it does nothing but seal and merge what was written before."""
    toll, after, number = Toll(), moments(2, 4.5), 0
    for _ in range(kills):
        store = ChunkStore(folder, segment_values=1 << 40)
        for _ in range(30):
            store.write([batch(step(number))])
            number += 1
        store.close()
        was_killed, _ = killed(lambda _: ChunkStore(folder).writer.seal_all(), after())
        toll.count(was_killed, folder, [expected(number)])
    return toll


FORMS: Final[dict[str, Callable[[Path, int], Toll]]] = {"writing": writing, "sealing": sealing}


def tolls(kills: int) -> dict[str, Toll]:
    """What so many kills of each form take."""
    asked = [sys.executable, "-m", "benchmarks.history.kills", str(kills)]
    answer = subprocess.run(asked, cwd=_ROOT, capture_output=True, check=True)
    return msgspec.json.decode(answer.stdout, type=dict[str, Toll])


def main() -> None:
    """Kill, and print."""
    kills = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="history-kills-") as name:
        print(json.dumps({form: msgspec.to_builtins(work(Path(name, form), kills)) for form, work in FORMS.items()}))


if __name__ == "__main__":
    main()
