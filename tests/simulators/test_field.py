"""The scenario `field` on a real gateway: what was answered is on the bus as it was meant, the bad ones are named, and nobody stops another."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.batch import decode_batch
from hub.buses.memory import MemoryBus
from hub.catalogue import DevicePut
from hub.clock import ManualClock
from hub.dead_letter import decode_dead_letter
from hub.errors import ConfigError
from hub.settings import FieldSection, IngestSection, Settings
from hub.topics import DEAD_LETTERS, OBSERVATIONS, topics
from ingest.field.role import Gateway
from ingest.intake import Intake
from ingest.protocols import load_protocols
from ingest.register import Register
from simulators.course import Record
from simulators.field.district import FieldRun, members_of
from simulators.register import register_entries
from simulators.run import field_addresses, simulate
from simulators.scenario import load_scenario
from tests.engines import wait_until
from tests.ingest.rig import NOW, Ledger, rows_of

BEAT_MS = 250
NAMED = {
    "hj-wrongcrc01": "bad_crc",
    "hj-modbus01": "bad_crc",
    "hj-password01": "bad_password",
    "jt-wrongxor01": "bad_crc",
    "jt-code01": "bad_password",
    "sl-wrongcrc01": "bad_crc",
    "sl-password01": "bad_password",
}
NEVER = {"hj-wrongcrc01", "hj-modbus01", "hj-password01", "jt-code01", "sl-password01"}
SCENARIO = load_scenario("field")


class Place:
    """A bus in memory with the scenario's devices registered, and the gateway that listens for all protocols."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.bus = MemoryBus(self.clock)
        self.bus.ensure_topics(topics(1))
        ledger = Ledger()
        ledger.changes += [DevicePut(entry) for entry in register_entries(SCENARIO)]
        settings = Settings(field=FieldSection(), ingest=IngestSection(flush_ms=1))
        register = Register(ledger)
        intake = Intake(self.bus, register, settings.ingest, self.clock, source="field")
        protocols = load_protocols()
        self.gateway = Gateway(settings, self.bus, intake, register, self.clock, protocols)
        self._places = dict.fromkeys(protocols, ("127.0.0.1", 0))

    @contextmanager
    def running(self) -> Iterator[dict[str, tuple[str, int]]]:
        """Where it listens, by protocol."""
        stop = threading.Event()
        work = self.gateway.run(self._places, stop, lambda: self.clock.advance(BEAT_MS))
        thread = threading.Thread(target=asyncio.run, args=(work,), daemon=True)
        thread.start()
        assert self.gateway.ready.wait(20)
        try:
            yield {name: ("127.0.0.1", port) for name, port in self.gateway.ports.items()}
        finally:
            stop.set()
            thread.join()

    def values(self, topic: str) -> list[bytes]:
        """What is on a topic."""
        consumer = self.bus.consumer(None, [topic])
        found: list[bytes] = []
        while records := consumer.poll(0.0):
            found += [record.value or b"" for record in records]
        consumer.close()
        return found


def device_of(station: str) -> str:
    return station.rpartition("/")[2]


def test_good_and_bad_devices_side_by_side() -> None:
    place = Place()
    told: dict[str, list[Record]] = defaultdict(list)

    def answered() -> set[str]:
        return {device for device, records in list(told.items()) if any(one.acknowledged for one in records)}

    with place.running() as addresses:
        members = members_of(SCENARIO, seed=1, start=NOW)
        run = FieldRun(members, addresses, place.clock.now, lambda name, record: told[device_of(name)].append(record))
        run.start()
        wanted = {device_of(one.station) for one in members} - NEVER
        try:
            wait_until(lambda: answered() >= wanted and named(place) == NAMED, 60, "all have been heard")
        finally:
            run.close()
    assert not answered() & NEVER
    rows = {
        (device_of(row.station), row.time, row.name): row.value
        for batch in map(decode_batch, place.values(OBSERVATIONS))
        for row in rows_of(batch)
    }
    for device, records in told.items():
        for record in records:
            for name, value in record.truth.items() if record.acknowledged else ():
                assert rows[device, record.moment, name] == pytest.approx(value, abs=1e-3), (device, name)


def named(place: Place) -> dict[str, str]:
    """The reason of the newest refusal of each device, by what it calls itself where it was not let in."""
    names = {
        identity: device
        for fleet in SCENARIO.fleets
        if fleet.speech is not None
        for identity, device in zip(fleet.speech.identities, fleet.devices(), strict=True)
    }
    found = {}
    for letter in map(decode_dead_letter, place.values(DEAD_LETTERS)):
        sender = letter.device or next(
            (name for identity, name in names.items() if identity.encode() in letter.payload), ""
        )
        device = device_of(sender)
        if letter.reason == NAMED.get(device):
            found[device] = letter.reason
    return found


def test_the_same_happens_to_the_same_seed() -> None:
    def say() -> list[bytes]:
        one = next(member.device for member in members_of(load_scenario("demo"), seed=3, start=NOW))
        return [*one.connected(NOW), *one.tick(NOW), *one.tick(NOW + 30_000)]

    assert say() == say()


def test_what_happens_to_a_logger_is_in_what_it_sends() -> None:
    (logger,) = [
        one.device for one in members_of(load_scenario("demo"), seed=1, start=NOW) if one.station.endswith("L01")
    ]
    logger.connected(NOW)
    at_rest = b"".join(logger.tick(NOW + 30_000))
    bent = b"".join(logger.tick(NOW + 450_000))
    assert b"w01018-Rtd=1" not in at_rest  # about 42 mg/L
    assert b"w01018-Rtd=118." in bent


@pytest.mark.parametrize("word", ["hj212", "hj212=9212", "hj212=host:port", "=127.0.0.1:1"])
def test_an_address_of_another_form_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="PROTOCOL=HOST:PORT"):
        field_addresses([word])


def test_devices_that_publish_need_a_broker() -> None:
    with pytest.raises(ValueError, match="broker"):
        simulate(load_scenario("demo"), None)


def test_a_fleet_with_fewer_identities_than_devices_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text(
        'name = "x"\ndepartment = "d"\n[[fleets]]\nkind = "water"\nprefix = "R"\ncount = 2\nperiod = 60\n'
        'speech = { protocol = "sl651", identities = ["0012345678"] }\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="fewer identities"):
        load_scenario(str(path))
