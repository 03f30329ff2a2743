"""The series part: everything on the bus is in the store, flagged, whatever is away or killed meanwhile."""

import random
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hub.batch import Batch
from hub.bus import Message
from hub.catalogue import Catalogue, DevicePut
from hub.clock import SystemClock
from hub.errors import StoreUnavailable
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.model import Check
from hub.topics import OBSERVATIONS, SERIES_GROUP
from processors.series import Flagger
from processors.series_role import SeriesKeeper
from storage import open_series
from storage.memory import MemoryStore
from storage.series import Incoming, Rejected, Select
from tests.processors.hubs import Hub, until
from tests.processors.worlds import T0, Row, a_batch, a_device

STATION = "env/water/w1"


def some_batches(count: int, version: int = 1) -> list[Batch]:
    rows = [Row(STATION, T0 + at * 1000, {"ph": 7 + at % 3, "do": 8.0}, {}) for at in range(count * 10)]
    return [a_batch(rows[at : at + 10], T0 + at * 1000, version, at) for at in range(0, len(rows), 10)]


class Fussy(MemoryStore):
    """A store that is away the first times, and refuses one time stamp."""

    def __init__(self, away: int) -> None:
        super().__init__()
        self.away = away

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("the store is away")
        return [*super().write(batches), Rejected(STATION, "ph", T0, 7.0, "past retention")]


def keep(hub: Hub, store: MemoryStore) -> None:
    """Run the part in this process until it has caught up."""
    stop, follower = threading.Event(), CatalogueFollower(hub.bus)
    follower.start()
    part = SeriesKeeper(hub.bus, follower, lambda: store, HealthFile(hub.data, "series", SystemClock()), SystemClock())
    thread = threading.Thread(target=part.run, args=(stop,))
    thread.start()
    until(lambda: hub.behind(SERIES_GROUP) == 0)
    stop.set()
    thread.join()
    follower.close()


def test_a_store_that_is_away_loses_nothing_and_refused_values_are_dead_letters(hub: Hub) -> None:
    hub.change([DevicePut(a_device(random.Random(1), "w1"))])
    hub.observe(some_batches(20))
    store = Fussy(away=3)
    keep(hub, store)
    points = {one.series.property: one for one in store.raw(Select(), 0, 1 << 50, 10_000).points}
    assert len(points["ph"].time) == len(points["do"].time) == 200
    assert {letter.reason for letter in hub.dead_letters()} == {"store_rejected"}
    assert STATION in hub.dead_letters()[0].detail


def test_a_part_killed_again_and_again_keeps_every_value_once(hub: Hub, tmp_path: Path) -> None:
    chance, batches = random.Random(3), some_batches(300)
    hub.change([DevicePut(a_device(random.Random(1), "w1"))])
    part = hub.start("series")
    for round_ in range(3):
        hub.observe(batches[round_ * 100 : round_ * 100 + 100])
        hub.kill_soon("series", part, chance.uniform(0.2, 0.6))
        part = hub.start("series")
    until(lambda: hub.behind(SERIES_GROUP) == 0)
    part.terminate()
    assert part.wait(20) == 0
    store = open_series("embedded://", tmp_path, readonly=True)
    (points,) = store.raw(Select(properties=("ph",)), 0, 1 << 50, 10_000).points
    store.close()
    assert points.time.tolist() == [T0 + at * 1000 for at in range(3000)]


def test_a_record_that_is_no_batch_is_a_dead_letter_and_the_rest_goes_on(hub: Hub) -> None:
    hub.change([DevicePut(a_device(random.Random(1), "w1"))])
    hub.bus.append([Message(OBSERVATIONS, b"x", b"nonsense", 0)])
    hub.observe(some_batches(2))
    store = MemoryStore()
    keep(hub, store)
    (letter,) = hub.dead_letters()
    assert (letter.source, letter.reason, letter.payload) == ("series", "corrupt_record", b"nonsense")
    assert sum(len(one.time) for one in store.raw(Select(), 0, 1 << 50, 1000).points) == 40


def test_values_out_of_range_and_late_ones_are_flagged_and_kept() -> None:
    flagger, catalogue = Flagger(), Catalogue()
    rows = [Row(STATION, T0 + 2000, {"ph": 15.0}, {}), Row(STATION, T0 + 1000, {"ph": 7.0}, {})]
    (block,) = flagger.flag(a_batch(rows, T0, 0), catalogue).blocks
    assert block.checks is not None
    assert block.checks.ravel().tolist() == [Check.RANGE, Check.LATE]
    (block,) = flagger.flag(a_batch([Row(STATION, T0, {"ph": -1.0}, {})], T0, 0), catalogue).blocks
    assert block.checks is not None
    assert block.checks.ravel().tolist() == [Check.RANGE | Check.LATE]
    (block,) = flagger.flag(a_batch([Row(STATION, T0 + 2000, {"ph": 7.0}, {})], T0, 0), catalogue).blocks
    assert block.checks is None or not np.any(block.checks)
