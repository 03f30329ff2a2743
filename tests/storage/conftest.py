"""The engines of the series store, each ready to be written to."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from storage import open_series
from storage.chunks import ChunkStore
from storage.influx import InfluxStore, place_of
from storage.memory import MemoryStore
from storage.series import Incoming, Rejected, SeriesStore


class SealedStore(ChunkStore):
    """The chunk store with everything sealed as soon as it is written, so that answers come from chunks and patches."""

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        """Write and seal."""
        answer = super().write(batches)
        self.writer.seal_all()
        return answer


ENGINES = ("memory", "chunks", "small", "sealed", "influx", "slices")


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SeriesStore]:
    """An empty store of each engine."""
    made = make(request.param, request, tmp_path)
    yield made
    made.close()


def make(engine: str, request: pytest.FixtureRequest, folder: Path) -> SeriesStore:
    """An empty store."""
    match engine:
        case "memory":
            return open_series("memory://", folder)
        case "chunks":
            return open_series("embedded://", folder)
        case "small":
            return ChunkStore(folder, segment_values=16)
        case "sealed":
            return SealedStore(folder)
        case _:
            server = request.getfixturevalue("influxdb")
            url = server.bucket_url(server.new_bucket())
            # The last one is the same engine with answers so small that everything comes in slices.
            small = engine == "slices"
            return (
                InfluxStore(place_of(url, server.token), rows=100)
                if small
                else open_series(url, folder, token=server.token)
            )


@pytest.fixture
def oracle() -> MemoryStore:
    """The plain store the others must agree with."""
    return MemoryStore()


@pytest.fixture(params=["chunks", "small", "sealed"])
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], SeriesStore]:
    """Makes empty embedded stores, for tests that need many."""
    return lambda: make(request.param, request, tmp_path_factory.mktemp("series"))


@pytest.fixture(params=["influx", "slices"])
def fresh_influx(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SeriesStore]:
    """Makes empty buckets."""
    return lambda: make(request.param, request, tmp_path)
