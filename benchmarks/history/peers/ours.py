"""Our engines: what any series store answers, in the comparison's form; the chunk store, and a bucket of InfluxDB through our engine."""

import time
from pathlib import Path

import numpy as np

from benchmarks.history.data import SERIES, ZONE
from benchmarks.history.load import SID, Answer, Load
from benchmarks.history.peers.engine import bytes_in
from benchmarks.history.questions import ALL, FIVE, HUNDRED, ONE, top_exceedances
from storage.chunks import ChunkStore
from storage.series import Every, Incoming, Points, SeriesStore, Windows


class OfStore:
    """Asks a series store."""

    most: int | None = None

    def __init__(self, store: SeriesStore) -> None:
        self.store = store

    def write(self, batch: Incoming) -> None:
        self.store.write([batch])

    def fill(self, load: Load) -> None:
        raise NotImplementedError("all readings were written in order of arrival")

    def cpu(self) -> float:
        return time.process_time()

    def latest(self, start: int, end: int) -> Answer:
        found = self.store.latest(ALL)
        order, answer = [_sid(points) for points in found], {}
        for name in ("time", "value"):
            answer[name] = np.full(SERIES, np.nan)
            answer[name][order] = np.concatenate([getattr(points, name) for points in found])
        return answer

    def raw(self, start: int, end: int) -> Answer:
        (points,) = self.store.raw(ONE, start, end, 1000).points
        return {
            name: getattr(points, name).astype(np.float64, copy=False)
            for name in ("time", "value", "quality", "checks")
        }

    def hours(self, start: int, end: int) -> Answer:
        (found,) = self.store.windows(ONE, start, end, Every(1, "h"), FIVE, ZONE)
        return {"start": found.start.astype(np.float64), **found.columns}

    def days(self, start: int, end: int) -> Answer:
        found = sorted(self.store.windows(HUNDRED, start, end, Every(1, "d"), ("mean", "p95"), ZONE), key=_sid)
        return {name: np.concatenate([one.columns[name] for one in found]) for name in ("mean", "p95")}

    def exceedances(self, start: int, end: int) -> Answer:
        found = [(SID[series.station, series.property], one) for series, one in top_exceedances(self.store, start, end)]
        ordered = sorted(found, key=lambda item: (-item[1].count, item[0]))
        return {
            "series": np.array([sid for sid, _ in ordered], np.float64),
            "count": np.array([one.count for _, one in ordered], np.float64),
        }

    def close(self) -> None:
        self.store.close()


def _sid(one: Points | Windows) -> int:
    return SID[one.series.station, one.series.property]


class Chunks(OfStore):
    """The chunk store."""

    name = "chunk store"
    settings = (
        "as the hub opens it; a write is on disk when it returns (SQLite, WAL, `synchronous=FULL`)",
        "written and asked in one process; exceedances also give hours, the longest run and extremes, which no other is asked for",
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._chunks = ChunkStore(folder)
        super().__init__(self._chunks)

    def finish(self) -> None:
        self._chunks.writer.seal_all()

    def size(self) -> int:
        return bytes_in(self.folder)
