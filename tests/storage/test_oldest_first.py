"""Pages from the beginning of all times: what lies decades apart is found without reading all that lies behind."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.chunks import ChunkStore
from storage.memory import MemoryStore
from storage.paging import page
from storage.series import Points, Select, SeriesStore
from tests.storage.builders import ALL, batch, reading

LONG_AGO = -(1 << 50)
FUTURE = 1 << 50
DECADE = 315_576_000_000
TIMES = st.integers(-3 * DECADE, 6 * DECADE)
VALUES = st.tuples(TIMES, st.sampled_from(["ph", "do"]), st.sampled_from([0, 0, 3]), st.integers(0, 9))


def walked(store: SeriesStore, select: Select, start: int, limit: int) -> list[tuple[str, int, float]]:
    """All values from `start` on, page by page."""
    found, cursor = [], None
    while True:
        here = store.raw(select, start, FUTURE, limit, cursor)
        rows = [
            (at, points.series.property, value)
            for points in here.points
            for at, value in zip(points.time.tolist(), points.value.tolist(), strict=True)
        ]
        found += [(name, at, value) for at, name, value in sorted(rows)]
        if here.next is None:
            return found
        cursor = here.next


@settings(max_examples=40, deadline=None)
@given(
    turns=st.lists(st.lists(VALUES, min_size=1, max_size=12), max_size=4),
    start=TIMES,
    limit=st.integers(1, 5),
    valid=st.booleans(),
)
def test_pages_over_decades_are_those_of_a_plain_store(
    turns: Sequence[Sequence[tuple[int, str, int, int]]], start: int, limit: int, *, valid: bool
) -> None:
    oracle = MemoryStore()
    with TemporaryDirectory() as folder, closing(ChunkStore(Path(folder))) as store:
        for number, turn in enumerate(turns):
            for kept in (store, oracle):
                kept.write([batch([reading(at, float(v), q=q, of=name)]) for at, name, q, v in turn])
            if number % 2:
                store.writer.seal_all()
        select = Select(valid_only=valid)
        for begin in (LONG_AGO, start):
            assert walked(store, select, begin, limit) == walked(oracle, select, begin, limit)


@pytest.mark.parametrize("sealed", [True, False])
def test_what_lies_behind_an_empty_age_is_not_read_whole(tmp_path: Path, *, sealed: bool) -> None:
    with closing(ChunkStore(tmp_path)) as store:
        store.write([batch([reading(5 * DECADE + i * 60_000, 1.0) for i in range(20_000)])])
        if sealed:
            store.writer.seal_all()
        most = 0

        def read(low: int, high: int) -> list[Points]:
            nonlocal most
            found = list(store.scan(ALL, low, high))
            most = max(most, *(len(points.time) for points in found), 0)
            return found

        first = store._reader._first
        page(read, 1, ALL, 0, FUTURE, 10, None, lambda low, high: first(ALL, low, high))
    assert 0 < most < 20_000
