"""The whole service on a bus: from a message on the topic to a receiver's socket, through faults."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts import channels
from alerts.channel import RecordingChannel
from alerts.channels import discover
from alerts.service import AlertService
from hub.alert import encode_transition
from hub.bus import Message
from hub.buses.memory import MemoryBus
from hub.catalogue import Device
from hub.clock import SystemClock
from hub.dead_letter import DeadLetter, encode_dead_letter
from hub.event import DeviceEvent, encode_event
from hub.model import Condition
from hub.settings import HubSection, NotifySection, SecretRef, Settings, WebhookSection
from hub.topics import ALERTS, ALERTS_GROUP, ANSWERS, CATALOGUE, DEAD_LETTERS, EVENTS, topics
from storage.records import Records, dead_letters, offsets, register
from storage.records.feed import FeedRow
from tests.alerts.builders import OPS, S2, World, a_transition
from tests.alerts.vendors import SECRET, Vendor
from tests.engines import wait_until

Start = Callable[[], AlertService]


@pytest.fixture
def bus() -> MemoryBus:
    opened = MemoryBus()
    opened.ensure_topics(topics(2))
    return opened


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel(Settings(), [OPS])


@pytest.fixture
def start(bus: MemoryBus, records: Records, channel: RecordingChannel) -> Iterator[Start]:
    """Starts a service; those that run at the end are stopped."""
    running: list[AlertService] = []

    def begin() -> AlertService:
        while running:
            running.pop().stop()
        settings = Settings(hub=HubSection(district="zhenhai"))
        running.append(AlertService(bus, records, settings, SystemClock(), {"webhook": channel}, poll=0.05))
        running[-1].start()
        return running[-1]

    yield begin
    for service in running:
        service.stop()


def say(bus: MemoryBus, *transitions: bytes) -> None:
    bus.append([Message(ALERTS, b"zhenhai/water/s1", value) for value in transitions])


def episode() -> list[bytes]:
    return [
        encode_transition(a_transition(1, Condition.PENDING)),
        encode_transition(a_transition(2)),
        encode_transition(a_transition(3, Condition.CLEARED)),
    ]


def test_what_is_on_the_topic_is_told_once(bus: MemoryBus, channel: RecordingChannel, start: Start) -> None:
    service = start()
    say(bus, *episode(), *episode())
    wait_until(lambda: len(channel.sent) == 3)
    wait_until(lambda: service.health().lag == {ALERTS: 0, ANSWERS: 0, DEAD_LETTERS: 0, EVENTS: 0})
    assert [sent.type for sent in channel.sent] == ["incident.opened", "alert.fired", "alert.cleared"]
    health = wait_until(lambda: (found := service.health()).queued == 0 and found)
    assert health
    assert (health.ok, dict(health.problems)) == (True, {})


def test_a_restart_goes_on_where_the_records_stand(bus: MemoryBus, channel: RecordingChannel, start: Start) -> None:
    start()
    say(bus, *episode()[:2])
    wait_until(lambda: len(channel.sent) == 2)
    start()
    say(bus, *episode()[2:], encode_transition(a_transition(target=S2)))
    wait_until(lambda: len(channel.sent) == 5)
    assert len({sent.key for sent in channel.sent}) == 5


def test_a_consumer_that_is_sent_back_applies_nothing_twice(bus: MemoryBus, records: Records, start: Start) -> None:
    bus.append([Message(DEAD_LETTERS, b"", encode_dead_letter(DeadLetter(1, "mqtt", "t", "bad_format", "d", b"x")))])
    service = start()
    wait_until(lambda: service.health().lag.get(DEAD_LETTERS) == 0)
    service.stop()
    sent_back = bus.consumer(None, [DEAD_LETTERS]).poll(0)
    service.consumer.take(sent_back)
    with records.read() as tx:
        assert len(dead_letters.listing(tx).items) == 1
        assert offsets.get(tx, ALERTS_GROUP)[DEAD_LETTERS, 0] == 1


def test_states_of_devices_and_dead_letters_are_kept_and_shown(bus: MemoryBus, records: Records, start: Start) -> None:
    service = start()
    seen: list[FeedRow] = []
    service.on_feed(seen.append)
    status = DeviceEvent("status", "zhenhai/water/s1", 10, 11, "offline")
    finding = DeviceEvent("finding", "zhenhai/water/s1", 12, 13, "fatigue")
    bus.append([Message(EVENTS, b"zhenhai/water/s1", encode_event(each)) for each in (status, status, finding)])
    letters = [DeadLetter(n, "mqtt", "t", "bad_format", "d", b"x") for n in range(50)]
    bus.append([Message(DEAD_LETTERS, b"", encode_dead_letter(letter)) for letter in letters])
    wait_until(lambda: {row.type for row in seen} == {"health", "dead_letter"})
    with records.read() as tx:
        state = register.get_state(tx, "zhenhai/water/s1")
    assert state is not None
    assert (state.state, state.time) == ("offline", 10)
    wait_until(lambda: sum(row.type == "dead_letter" for row in seen) <= 4 and service.health().lag[DEAD_LETTERS] == 0)
    assert [row.seq for row in seen] == sorted({row.seq for row in seen})


def test_what_nobody_of_ours_wrote_becomes_a_dead_letter(
    bus: MemoryBus, records: Records, channel: RecordingChannel, start: Start
) -> None:
    start()
    say(bus, b"\xff nonsense", *episode())
    bus.append([Message(EVENTS, b"k", b"{}")])
    wait_until(lambda: len(channel.sent) == 3)

    def kept() -> bool:
        with records.read() as tx:
            return {(each.topic, each.reason) for each in dead_letters.listing(tx).items} == {
                (ALERTS, "bad_format"),
                (EVENTS, "bad_format"),
            }

    wait_until(kept)


def test_a_bus_that_goes_away_and_comes_back_loses_nothing(
    bus: MemoryBus, channel: RecordingChannel, start: Start
) -> None:
    service = start()
    bus.available = False
    wait_until(lambda: not service.health().ok)
    bus.available = True
    say(bus, *episode())
    wait_until(lambda: len(channel.sent) == 3)
    wait_until(lambda: service.health().ok)


def test_changes_of_the_register_reach_the_topic(bus: MemoryBus, records: Records, start: Start) -> None:
    start()
    with records.begin() as tx:
        register.put_device(tx, Device("zhenhai/water/s1"), actor="wang", at=1)
    wait_until(lambda: bus.ends(CATALOGUE)[0] == 1)


def test_a_person_acts_beside_the_machines(
    bus: MemoryBus, records: Records, channel: RecordingChannel, start: Start
) -> None:
    service = start()
    say(bus, *episode())
    wait_until(lambda: len(channel.sent) == 3)
    with records.begin() as tx:
        service.desk.acknowledge(tx, "zhenhai-20260101-1", actor="wang", reason="seen", at=1)
    wait_until(lambda: channel.sent[-1].type == "incident.acknowledged")
    assert channel.sent[-1].data["actor"] == "wang"


def test_from_the_topic_to_a_receivers_socket(
    bus: MemoryBus, sqlite_records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Vendor()
    monkeypatch.setenv("OPS_SECRET", SECRET)
    hook = WebhookSection(name="ops", url=vendor.url, secret=SecretRef(env="OPS_SECRET"))
    settings = Settings(hub=HubSection(district="zhenhai"), notify=NotifySection(webhooks=(hook,)))
    service = AlertService(bus, sqlite_records, settings, SystemClock())
    service.start()
    say(bus, *episode())
    wait_until(lambda: len(vendor.calls) == 3)
    service.stop()
    vendor.close()
    assert vendor.types() == ["incident.opened", "alert.fired", "alert.cleared"]
    assert all(call.signed() for call in vendor.calls)
    assert vendor.calls[2].event["data"]["alert"]["condition"] == "cleared"
    world = World(sqlite_records)
    assert [each.state for each in world.detail("zhenhai-20260101-1").deliveries] == ["delivered"] * 3


def test_every_file_of_the_folder_is_a_channel() -> None:
    files = {path.stem.replace("_", "-") for path in Path(channels.__file__).parent.glob("*.py")} - {"--init--"}
    assert {each.kind for each in discover()} == files
