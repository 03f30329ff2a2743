"""The chunk store's writer killed anywhere: in writing, sealing, merging, compaction and migration nothing acknowledged is lost or doubled.

The writer is a forked process that kills itself after so many instructions of SQLite's machine, which is finer than any clock: most kills meet it
within a transaction. `test_durability.py` kills from outside, where the clock decides.
"""

import gzip
import os
import random
import shutil
import signal
import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.chunks import ChunkStore
from storage.chunks.check import check
from storage.chunks.space import compact, steps
from tests.storage.builders import ALL, Reading, batch, everything, rows_of
from tests.storage.journalist import SEGMENT_VALUES, T0, expected, step

OLD = Path(__file__).parents[1] / "cases" / "series" / "format1.db.gz"
OLD_STEPS = 217
"""What the old file holds: so many steps of the journalist, written by the program of the first format."""

DAY = 86_400_000
KILLS = 3


def killed(work: Callable[[Callable[[int], None]], object], after: int) -> tuple[bool, int]:
    """Do the work in a process that is killed after so many instructions; whether it was, and the last step it acknowledged."""
    ours, its = os.pipe()
    process = os.fork()
    if not process:
        connect = sqlite3.connect

        def armed(*arguments: object, **options: object) -> sqlite3.Connection:
            connection = connect(*arguments, **options)  # type: ignore[call-overload]  # as they came
            connection.set_progress_handler(lambda: os.kill(os.getpid(), signal.SIGKILL), after)
            return connection  # type: ignore[no-any-return]

        sqlite3.connect = armed  # type: ignore[assignment]  # in this process only, which ends here
        try:
            work(lambda number: tell(its, number))
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a fork must not go on as if it were the tests
            traceback.print_exc()
            os._exit(1)
    os.close(its)
    acknowledged = b""
    while part := os.read(ours, 1 << 16):
        acknowledged += part
    os.close(ours)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status) or not os.WEXITSTATUS(status), "the work failed before it could be killed"
    return os.WIFSIGNALED(status), int.from_bytes(acknowledged[-8:], "little") if acknowledged else -1


def tell(pipe: int, number: int) -> None:
    """Acknowledge a step."""
    os.write(pipe, number.to_bytes(8, "little"))


def moments(seed: int, most: float) -> Callable[[], int]:
    """After how many instructions: sometimes at once, sometimes late."""
    chance = random.Random(seed)
    return lambda: int(10 ** chance.uniform(1, most))


def reopened(folder: Path, *, retention_days: int | None = None) -> list[Reading]:
    """All that is stored, by a store that is opened after the kill and found whole."""
    store = ChunkStore(folder, segment_values=SEGMENT_VALUES, retention_days=retention_days)
    found = everything(store)
    newest = {row[0]: row[2] for row in found}
    assert {row[0]: row[2] for row in rows_of(store.latest(ALL))} == newest
    store.close()
    assert check(folder) == []
    return found


def write_on(folder: Path, first: int, tell: Callable[[int], None]) -> None:
    """Write for ever; small segments, so that most of the time goes into sealing and merging."""
    store = ChunkStore(folder, segment_values=SEGMENT_VALUES)
    for number in range(first, 1 << 40):
        store.write([batch(step(number))])
        tell(number)


def kill_writing(folder: Path, kills: int) -> None:
    after, done = moments(1, 5.5), 0
    for _ in range(kills):
        was_killed, last = killed(lambda tell: write_on(folder, done, tell), after())  # noqa: B023 - used at once
        assert was_killed
        found = reopened(folder)
        # The step that was being written may be there or not, but only as a whole.
        assert found in [expected(steps) for steps in {max(done, last + 1), max(done, last + 1) + 1}]
        done = (max((row[2] for row in found), default=T0 - 1000) - T0) // 1000 + 1


def kill_sealing(folder: Path, kills: int) -> None:
    after, number = moments(2, 4.5), 0
    for _ in range(kills):
        store = ChunkStore(folder, segment_values=1 << 40)
        for _ in range(30):
            store.write([batch(step(number))])
            number += 1
        store.close()
        killed(lambda _: ChunkStore(folder).writer.seal_all(), after())
        assert reopened(folder) == expected(number)


def kill_compaction(folder: Path, kills: int) -> None:
    """Most of the file is dead; it is killed while pages are given back, and while all of it is rewritten."""
    after = moments(3, 5)
    now = T0 + 2 * DAY + 150_000
    for turn in range(kills):
        shutil.rmtree(folder, ignore_errors=True)
        store = ChunkStore(folder, segment_values=SEGMENT_VALUES, retention_days=2)
        for number in range(160):
            store.write([batch(step(number))])
        store.writer.seal_all()
        store.maintain(now)
        store.close()
        killed(lambda _: (give_back, compact)[turn % 2](folder), after())  # noqa: B023
        assert reopened(folder) == [row for row in expected(160) if row[2] >= now - 2 * DAY]


def give_back(folder: Path) -> None:
    store = ChunkStore(folder, retention_days=2)
    while any(steps(store.writer._connection, lambda _: None, 0)):
        store.maintain(T0 + 2 * DAY + 150_000)


def old_file(folder: Path) -> None:
    """Put the store of the first format there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "series.db").write_bytes(gzip.decompress(OLD.read_bytes()))


def kill_migration(folder: Path, kills: int) -> None:
    after, number = moments(4, 5), OLD_STEPS
    old_file(folder)
    for _ in range(kills):
        was_killed, _ = killed(lambda _: ChunkStore(folder).writer.seal_all(), after())
        assert reopened(folder) == expected(number)
        if not was_killed:
            old_file(folder)


FORMS = {"writing": kill_writing, "sealing": kill_sealing, "compaction": kill_compaction, "migration": kill_migration}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_acknowledged_is_lost_or_doubled_by_a_kill(tmp_path: Path, form: str) -> None:
    FORMS[form](tmp_path / "store", KILLS)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("form", FORMS)
def test_fifty_kills(tmp_path: Path, form: str) -> None:
    FORMS[form](tmp_path / "store", 50)
