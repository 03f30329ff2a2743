"""Processes beside the one that measures: `python -m benchmarks.history.beside read|write FOLDER ...`.

`read FOLDER START END SECONDS` asks for a year of hours again and again and prints the time of each answer, ms, or the error. `write FOLDER FROM RATE` writes
what follows the readings from FROM on, at so many a second (0: as fast as it can), and prints how many are acknowledged, until it is ended.
"""

import sys
import time
from itertools import count
from pathlib import Path

from benchmarks.history.data import BATCH, ZONE, Source
from benchmarks.history.questions import FIVE, ONE
from hub.errors import HubError
from storage.chunks import ChunkStore
from storage.series import Every


def read(folder: Path, start: int, end: int, seconds: float) -> None:
    """Ask until the time is over."""
    store = ChunkStore(folder, readonly=True)
    store.windows(ONE, start, end, Every(1, "h"), FIVE, ZONE)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.perf_counter()
        try:
            store.windows(ONE, start, end, Every(1, "h"), FIVE, ZONE)
        except HubError as error:
            print(f"error {error}", flush=True)
        else:
            print(f"{(time.perf_counter() - begun) * 1000:.3f}", flush=True)
    store.close()


def write(folder: Path, done: int, rate: int) -> None:
    """Write for ever."""
    store, source = ChunkStore(folder), Source(seed=2)
    source.skip(done)
    begun = time.monotonic()
    for number in count(1):
        (batch,) = source.batches(BATCH)
        store.write([batch])
        print(done + number * BATCH, flush=True)
        if rate:
            time.sleep(max(0.0, begun + number * BATCH / rate - time.monotonic()))


if __name__ == "__main__":
    if sys.argv[1] == "read":
        read(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
    else:
        write(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
