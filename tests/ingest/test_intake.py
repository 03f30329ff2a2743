"""From delivery to durable: batches, ticks, acknowledgements, and a bus that is away."""

import json
import threading

import pytest

from hub.batch import decode_batch
from hub.bus import Message
from hub.buses.memory import MemoryBus
from hub.catalogue import Device, DevicePut, DeviceRemoved, encode_change
from hub.clock import ManualClock
from hub.errors import BusUnavailable
from hub.follow import CatalogueFollower
from hub.partition import partition_of
from hub.settings import IngestSection
from hub.topics import CATALOGUE, OBSERVATIONS, topics
from ingest.intake import Deliveries, Intake
from ingest.register import Register
from tests.engines.waiting import wait_until
from tests.ingest.rig import NOW, STATION, TOPIC, Rig, deliver


def reading(time: int = NOW, values: dict[str, float] | None = None) -> bytes:
    return json.dumps({"ts": time, "values": values or {"ph": 7.0}}).encode()


def test_tokens_come_back_only_with_the_flush() -> None:
    rig = Rig()
    rig.intake.take(deliver((TOPIC, reading()), (TOPIC, b"broken")))
    assert rig.batches() == []
    assert rig.intake.flush() == [1, 2]
    assert len(rig.rows()) == 1
    assert [letter.reason for letter in rig.letters()] == ["bad_json"]
    assert rig.intake.flush() == []


def test_a_flush_is_due_by_rows_by_time_and_by_bytes() -> None:
    rig = Rig(settings=IngestSection(flush_rows=3, flush_ms=50, flush_bytes=4096))
    rig.intake.take(deliver((TOPIC, reading()), (TOPIC, reading())))
    assert not rig.intake.due()
    rig.clock.advance(51)
    assert rig.intake.due()
    rig.intake.flush()
    rig.intake.take(deliver(*[(TOPIC, reading())] * 3))
    assert rig.intake.due()
    rig.intake.flush()
    rig.intake.take(deliver(("hub/x/y/z", b"x" * 5000)))
    assert rig.intake.due()


def test_one_flush_is_one_append_for_all_partitions() -> None:
    stations = [f"d/water/s{number}" for number in range(40)]
    rig = Rig(*map(Device, stations), partitions=4)
    rig.take(*[(f"hub/{station}/telemetry", reading()) for station in stations])
    assert rig.intake.counters.appends == 1
    assert len(rig.batches()) == 4
    for record in rig.records(OBSERVATIONS):
        batch = decode_batch(record.value or b"")
        assert {partition_of(station.encode(), 4) for station in batch.stations} == {record.partition}
        assert batch.received == NOW
        assert batch.catalogue == 40


def test_a_large_array_becomes_batches_that_fit() -> None:
    rig = Rig(settings=IngestSection(flush_bytes=20_000))
    payload = json.dumps([{"ts": NOW - number, "values": {"ph": 7, "do": 6}} for number in range(5000)]).encode()
    rig.take((TOPIC, payload))
    records = rig.records(OBSERVATIONS)
    assert len(records) > 5
    assert all(len(record.value or b"") <= 22_000 for record in records)
    assert len(rig.rows()) == 10_000


def test_shapes_without_end_are_forgotten() -> None:
    rig = Rig(Device(STATION, auto_properties=True))
    for start in range(0, 6000, 1000):
        rig.take(*[(TOPIC, reading(NOW, {f"p{start + number}": 1.0})) for number in range(1000)])
    assert len(rig.rows()) == 6000


def test_ticks_come_each_second_to_every_partition_while_connected() -> None:
    rig = Rig(partitions=3)
    rig.intake.flush(connected=True)
    assert [len(batch) for batch in rig.batches()] == [0, 0, 0]
    rig.intake.flush(connected=True)
    assert len(rig.batches()) == 3
    rig.clock.advance(1000)
    rig.intake.take(deliver((TOPIC, reading())))
    rig.intake.flush(connected=True)
    assert sorted(len(batch) for batch in rig.batches()) == [0] * 6 + [1]
    rig.clock.advance(5000)
    rig.intake.flush(connected=False)
    assert len(rig.batches()) == 7


def test_sequences_of_a_source_grow() -> None:
    rig = Rig(partitions=1)
    for _ in range(5):
        rig.take((TOPIC, reading()))
    assert [(batch.source, batch.sequence) for batch in rig.batches()] == [("test", number) for number in range(1, 6)]


def test_a_bus_that_is_away_loses_nothing_and_acknowledges_nothing() -> None:
    rig = Rig()
    rig.bus.available = False
    for number in range(10):
        rig.intake.take(Deliveries([TOPIC.encode()], [reading(NOW + number)], [number + 1]))
        rig.clock.advance(1000)
        assert rig.intake.flush() == []
    assert rig.intake.stalled
    ok, detail = rig.intake.health()
    assert not ok
    assert detail
    assert rig.intake.oldest_age == pytest.approx(10)
    assert rig.intake.held > 0
    rig.bus.available = True
    rig.clock.advance(10_000)
    assert rig.intake.flush() == list(range(1, 11))
    assert sorted({row.time for row in rig.rows()}) == [NOW + number for number in range(10)]
    assert rig.intake.health() == (True, "")
    assert (rig.intake.held, rig.intake.oldest_age) == (0, 0)


def test_what_comes_while_an_append_waits_is_gathered_all_the_same() -> None:
    rig = Rig()
    rig.intake.take(Deliveries([TOPIC.encode()], [reading(NOW)], [1]))
    brought: list[int] = []
    flushing = threading.Thread(target=lambda: brought.extend(rig.intake.flush()), daemon=True)
    # Whoever holds the bus in memory makes an append wait.
    with rig.bus._store.changed:
        flushing.start()
        wait_until(lambda: not rig.intake._gathered)
        rig.intake.take(Deliveries([TOPIC.encode()], [reading(NOW + 1)], [2]))
        assert not brought
    flushing.join(20)
    assert brought == [1]
    assert rig.intake.flush() == [2]
    assert [row.time for row in rig.rows()] == [NOW, NOW + 1]


def test_a_bus_that_is_away_is_asked_with_growing_waits() -> None:
    rig = Rig()
    rig.bus.available = False
    rig.intake.take(deliver((TOPIC, reading())))
    for _ in range(600):
        rig.intake.flush()
        rig.clock.advance(100)
    assert 10 <= rig.intake.counters.failed_appends <= 25


def test_a_new_connection_forgets_tokens_but_keeps_messages() -> None:
    rig = Rig()
    rig.bus.available = False
    rig.intake.take(deliver((TOPIC, reading(NOW))))
    rig.intake.flush()
    rig.intake.take(deliver((TOPIC, reading(NOW + 1))))
    rig.intake.forget_tokens()
    rig.bus.available = True
    rig.clock.advance(10_000)
    assert rig.intake.flush() == []
    assert len(rig.rows()) == 2


def test_taking_now_is_durable_on_return() -> None:
    rig = Rig()
    receipt = rig.intake.take_now(TOPIC, b'{"ts":%d,"values":{"ph":7,"phh":1}}' % NOW, source="http")
    assert (receipt.readings, receipt.values, receipt.refusals) == (1, 1, (("unknown_property", "phh"),))
    assert receipt.accepted
    assert len(rig.rows()) == 1
    assert [(letter.source, letter.reason) for letter in rig.letters()] == [("http", "unknown_property")]
    rig.bus.available = False
    with pytest.raises(BusUnavailable):
        rig.intake.take_now(TOPIC, reading(), source="http")


def test_a_retry_keeps_the_time_it_first_came_and_names_its_letter() -> None:
    rig = Rig()
    topic = "hub/d/water/new/telemetry"
    payload = b'{"values":{"ph":7}}'
    assert not rig.intake.take_now(topic, payload, source="mqtt").accepted
    (letter,) = rig.letters()
    assert (letter.reason, letter.payload, letter.device) == ("unknown_device", payload, "d/water/new")
    rig.clock.advance(3_600_000)
    again = rig.intake.take_now(letter.topic, letter.payload, source="mqtt", received=letter.received, retried="7")
    assert not again.accepted
    assert rig.letters()[-1].retried == "7"
    rig.change(DevicePut(Device("d/water/new")))
    assert rig.intake.take_now(letter.topic, letter.payload, source="mqtt", received=letter.received).accepted
    assert [row.time for row in rig.rows()] == [NOW]


def test_a_changed_register_reaches_the_short_way() -> None:
    rig = Rig()
    for _ in range(2):
        rig.take((TOPIC, reading()))
    rig.change(DeviceRemoved(STATION))
    rig.take((TOPIC, reading()))
    assert len(rig.rows()) == 2
    assert [letter.reason for letter in rig.letters()] == ["unknown_device"]
    rig.change(DevicePut(Device(STATION, enabled=False)))
    rig.take((TOPIC, reading()))
    assert rig.letters()[-1].reason == "not_allowed"


def test_new_devices_are_known_without_a_restart() -> None:
    clock, bus = ManualClock(NOW), MemoryBus()
    bus.ensure_topics(topics(1))
    follower = CatalogueFollower(bus)
    follower.start()
    intake = Intake(bus, Register(follower), IngestSection(), clock, source="test")
    assert not intake.take_now(TOPIC, reading(), source="http").accepted
    bus.append([Message(CATALOGUE, b"", encode_change(DevicePut(Device(STATION))))])
    wait_until(lambda: follower.version == 1, 5)
    assert intake.take_now(TOPIC, reading(), source="http").accepted
    follower.close()


def test_commands_and_answers_are_counted_and_left() -> None:
    rig = Rig()
    rig.take((f"hub/{STATION}/command", b"{}"), (f"hub/{STATION}/response", b"{}"))
    assert rig.intake.counters.ignored == 2
    assert rig.letters() == []


def test_a_payload_over_every_limit_is_kept_in_part() -> None:
    rig = Rig()
    rig.take((TOPIC, b" " * 5_000_000))
    (letter,) = rig.letters()
    assert letter.reason == "too_large"
    assert len(letter.payload) == 3_500_000
    assert "of 5000000 bytes" in letter.detail


def test_a_retained_reading_without_time_is_refused() -> None:
    rig = Rig()
    arrived = deliver((TOPIC, b'{"values":{"ph":7}}'), (TOPIC, reading()))
    arrived.extras = {0: ({}, True), 1: ({}, True)}
    rig.intake.take(arrived)
    rig.intake.flush()
    assert len(rig.rows()) == 1
    assert [letter.reason for letter in rig.letters()] == ["bad_time"]


def test_a_vehicle_says_its_alarms_and_waybill_once() -> None:
    rig = Rig(Device("t/vehicle/v1"))
    said = [(["fatigue"], "A"), (["fatigue"], "A"), ([], "A"), (["fatigue", "overspeed"], "B")]
    for second, (alarms, waybill) in enumerate(said):
        body = {"ts": NOW + 1000 * second, "lon": 121.6, "lat": 29.9, "alarms": alarms, "waybill": waybill}
        rig.take(("hub/t/vehicle/v1/position", json.dumps(body).encode()))
    found = [(event.type, event.text, event.time - NOW) for event in rig.events()]
    assert found == [
        ("fatigue", "", 0),
        ("waybill", "A", 0),
        ("fatigue", "", 3000),
        ("overspeed", "", 3000),
        ("waybill", "B", 3000),
    ]


def test_every_message_is_counted_once() -> None:
    rig = Rig(Device(STATION), Device("t/vehicle/v1"))
    rig.take(
        (TOPIC, reading()),
        (TOPIC, b"{"),
        (f"hub/{STATION}/command", b""),
        ("hub/t/vehicle/v1/position", b'{"lon":1,"lat":1}'),
        (f"hub/{STATION}/event", b'{"type":"x"}'),
        ("nonsense", b""),
    )
    counters = rig.intake.counters
    assert counters.received == 6
    assert counters.ignored == 1
    assert dict(counters.refused) == {"bad_json": 1, "bad_topic": 1}
    assert (counters.rows, counters.values, counters.events) == (2, 6, 1)
    assert counters.as_dict()["refused.bad_json"] == 1
