"""A process that reads a chunk store beside its writer: `python -m tests.storage.observer FOLDER MOMENTS`.

It asks again and again, and ends well when it has seen so many moments of the store's life; it ends badly when an answer is not a moment of the store's life.
"""

import sys
from pathlib import Path

from storage import open_series
from storage.series import Every, Select
from tests.storage.journalist import STATIONS, T0

END = 1 << 50


def main() -> None:
    """Read until enough different moments were seen."""
    store = open_series("embedded://", Path(sys.argv[1]), readonly=True)
    missing = int(sys.argv[2])
    seen = -1
    while missing > 0:
        for station in (STATIONS[0], STATIONS[-1]):
            department, kind, device = station.split("/")
            select = Select(department, kind, device)
            latest = store.latest(select)
            times = [points.time.tolist() for points in store.raw(select, 0, END, 1 << 20).points]
            windows = store.windows(select, 0, END, Every(1, "h"), ["count"], "UTC")
            if not latest or not times or not windows:
                continue
            steps = [(time - T0) // 1000 for time in times[0]]
            assert steps == list(range(len(steps))), "a step is missing or doubled"
            assert len(steps) - 1 >= seen, "the store went back"
            assert (int(latest[0].time[0]) - T0) // 1000 <= len(steps) - 1
            assert sum(windows[0].columns["count"]) >= len(steps)
            missing -= len(steps) - 1 > seen
            seen = len(steps) - 1
    store.close()


if __name__ == "__main__":
    main()
