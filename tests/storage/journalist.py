"""A process that writes to a chunk store until it is killed: `python -m tests.storage.journalist FOLDER FIRST_STEP`.

After each write that returned it prints the step's number. What each step writes is known, so whoever reads can tell what must be there.
"""

import sys
from pathlib import Path

from storage.chunks import ChunkStore
from tests.storage.builders import Reading, batch, reading

T0 = 1_780_000_000_000
STATIONS = tuple(f"d/water/w{i}" for i in range(70))
SEGMENT_VALUES = 1500
_CORRECTED = 25


def step(number: int) -> list[Reading]:
    """One new value of every station, and a corrected one of some steps ago."""
    new = [reading(T0 + number * 1000, number + i / 8, at=at) for i, at in enumerate(STATIONS)]
    old = number - _CORRECTED
    return new if old < 0 else [*new, reading(T0 + old * 1000, -float(number), at=STATIONS[old % len(STATIONS)], q=1)]


def expected(steps: int) -> list[Reading]:
    """What is stored after so many steps."""
    rows = {(row[0], row[2]): row for number in range(steps) for row in step(number)}
    return sorted(rows.values())


def main() -> None:
    """Write for ever."""
    store = ChunkStore(Path(sys.argv[1]), segment_values=SEGMENT_VALUES)
    number = int(sys.argv[2])
    while True:
        store.write([batch(step(number))])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main()
