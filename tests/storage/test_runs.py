"""Runs over a limit against a plain walk, and a selection of stations on every engine."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.exceedance import exceedance, runs_of
from storage.held import Held, covers
from storage.limit import Limit
from storage.series import Select, Series, SeriesStore
from tests.storage.builders import batch, everything, reading

LIMIT = Limit(low=-2.0, high=3.0)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.floats(-9, 9)), max_size=60))
def test_runs_are_what_a_walk_finds(given: list[tuple[int, float]]) -> None:
    rows = sorted(dict(given).items())
    time = np.array([row[0] for row in rows], np.int64) * 1000
    value = np.array([row[1] for row in rows], float)
    cover = covers(time, 5_000, 2_000, 91_000)
    held = Held(Series("d/water/w", "ph"), time, value, lambda: cover)
    found = runs_of(held, LIMIT)
    expected: list[list[int]] = []
    for place in range(len(time)):
        if not (value[place] < -2.0 or value[place] > 3.0):
            continue
        before = expected[-1][-1] if expected else -2
        if before == place - 1 and time[before] + cover[before] >= time[place]:
            expected[-1].append(place)
        else:
            expected.append([place])
    assert found.start.tolist() == [time[run[0]] for run in expected]
    assert found.length.tolist() == [sum(int(cover[place]) for place in run) for run in expected]
    far = [max(run, key=lambda place: max(value[place] - 3.0, -2.0 - value[place])) for run in expected]
    assert found.worst.tolist() == [value[place] for place in far]
    longest = exceedance(held, LIMIT).longest_run * 3_600_000
    np.testing.assert_allclose(longest, max(found.length.tolist(), default=0))


def test_some_stations_are_selected(store: SeriesStore) -> None:
    names = ("d/water/w1", "d/water/w2", "e/air/a.1", "e/air/axb")
    store.write([batch([reading(1000 + place, 7.0, at=name) for place, name in enumerate(names)])])
    wanted = Select(stations=("d/water/w2", "e/air/a.1"))
    assert len(everything(store, wanted)) == 2
    assert {one.series.station for one in store.latest(wanted)} == set(wanted.stations)
    assert len(everything(store, Select(kind="air", stations=wanted.stations))) == 1
