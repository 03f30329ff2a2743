"""The catalogue publisher: every change once, in order, wherever it is killed."""

from collections.abc import Sequence

import pytest

from hub.bus import Message
from hub.buses.memory import MemoryBus
from hub.catalogue import Catalogue, Device, decode_change
from hub.errors import BusUnavailable
from hub.topics import CATALOGUE, topics
from storage.records import Records, changes, register
from storage.records.publish import CataloguePublisher


class HalfBus(MemoryBus):
    """Takes only the first `takes` messages of the next append, then says that it is away."""

    takes: int | None = None

    def append(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        if self.takes is None:
            return super().append(messages)
        takes, self.takes = self.takes, None
        if takes:
            super().append(messages[:takes])
        raise BusUnavailable("cut off")


@pytest.fixture
def bus() -> HalfBus:
    opened = HalfBus()
    opened.ensure_topics(topics(1))
    return opened


def put(records: Records, *names: str) -> None:
    with records.begin() as tx:
        register.put_devices(tx, [Device(f"a/water/{name}") for name in names], actor="test", at=1)


def published(bus: MemoryBus) -> list[str]:
    end = bus.ends(CATALOGUE)[0]
    if not end:
        return []
    records = bus.consumer(None, [CATALOGUE]).poll(0)
    assert len(records) == end
    return [record.key.decode() for record in records]


def test_changes_are_published_once_and_in_order(records: Records, bus: HalfBus) -> None:
    put(records, "one", "two")
    publisher = CataloguePublisher(bus, records)
    assert publisher.publish() == 2
    assert publisher.publish() == 0
    put(records, "three")
    assert publisher.publish() == 1
    assert CataloguePublisher(bus, records).publish() == 0
    assert published(bus) == ["device a/water/one", "device a/water/two", "device a/water/three"]


@pytest.mark.parametrize("takes", range(4))
def test_a_crash_between_append_and_mark_doubles_nothing(records: Records, bus: HalfBus, takes: int) -> None:
    put(records, "one", "two", "three")
    bus.takes = takes
    publisher = CataloguePublisher(bus, records)
    with pytest.raises(BusUnavailable):
        publisher.publish()
    with records.read() as tx:
        assert changes.waiting(tx) == 3
    again = publisher if takes % 2 else CataloguePublisher(bus, records)
    assert again.publish() == 3 - takes
    assert published(bus) == ["device a/water/one", "device a/water/two", "device a/water/three"]
    with records.read() as tx:
        assert changes.waiting(tx) == 0


def test_a_topic_from_another_database_ends_up_saying_what_ours_says(records: Records, bus: HalfBus) -> None:
    strange = [Device("x/water/old"), Device("a/water/one", name_en="other")]
    for device in strange:
        bus.append(
            [Message(CATALOGUE, b"k", b'{"type":"device","device":{"station":"%s"}}' % device.station.encode(), 0)]
        )
    put(records, "one", "two")
    CataloguePublisher(bus, records).publish()
    catalogue = Catalogue()
    for record in bus.consumer(None, [CATALOGUE]).poll(0):
        assert record.value is not None
        catalogue.apply(decode_change(record.value))
    assert set(catalogue.devices) == {"a/water/one", "a/water/two"}
    assert CataloguePublisher(bus, records).publish() == 0
