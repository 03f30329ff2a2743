"""A hub whose register and series are asked in SensorThings' words, on the plain store and on the chunk store."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from api.app import create_app
from api.presence import Presence
from storage.chunks import ChunkStore
from storage.series import SeriesStore
from tests.api.hub import Asker, Hub, make_hub
from tests.sta.world import World, fill


def on_store(hub: Hub, store: SeriesStore) -> World:
    """The hub's application over another store."""
    context = replace(hub.context, series=store, presence=Presence(store, hub.clock))
    app = create_app(context)
    return World(hub, app, store, Asker(app))


@pytest.fixture(scope="module", params=["memory", "chunks"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The hub with stations, a vehicle that moves, and two hundred minutes of values."""
    folder: Path = tmp_path_factory.mktemp("sta")
    with closing(make_hub(folder)) as hub:
        store: SeriesStore = hub.store if request.param == "memory" else ChunkStore(folder / "series")
        with closing(store), closing(on_store(hub, store)) as made:
            fill(made)
            yield made
