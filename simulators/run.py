"""Running a scenario against a hub: event time runs `speed` times as fast as the clock."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hub.clock import Clock, SystemClock
from simulators.course import Record
from simulators.district import run_district
from simulators.field.district import Address, FieldRun, members_of
from simulators.message import Outgoing
from simulators.publisher import BrokerUrl, Publisher
from simulators.scenario import Scenario, devices_of
from simulators.truth import TruthFile

_DRAIN_S: Final = 10.0
_STOPPED_DRAIN_S: Final = 3.0
"""How long acknowledgements are waited for; less when told to stop, because whoever does so waits too, and the broker may have gone first."""

_NOBODY: Final[Mapping[str, Address]] = {}


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended: messages published and records sent by field protocols together."""

    sent: int
    acknowledged: int


@dataclass(slots=True)
class _Counted:
    """Writes the truth and counts it; published messages and field records come from threads of their own."""

    file: TruthFile
    sent: int = 0
    published: int = 0
    records: int = 0

    def confirm(self, message: Outgoing) -> None:
        self.published += 1
        self.file.message(message, acknowledged=True)

    def tell(self, station: str, record: Record) -> None:
        self.sent += 1
        self.records += record.acknowledged
        self.file.record(station, record)


def simulate(
    scenario: Scenario,
    broker: str | None,
    *,
    field: Mapping[str, Address] = _NOBODY,
    seed: int = 1,
    speed: float = 1.0,
    truth: Path | None = None,
    duration: float | None = None,
    stop: threading.Event | None = None,
    clock: Clock | None = None,
    password: str | None = None,
) -> RunReport:
    """Publish to `broker`, and call the addresses in `field` (by protocol), until `stop` is set or `duration` seconds of scenario time have passed.

    Devices that speak a protocol which has no address there stay at home.

    Raises:
        ValueError: a broker URL of another form, none where the scenario has devices that publish, or a speed that is not positive.
        BrokerRefused, TimeoutError: the broker does not take us, or does not answer.
    """
    if speed <= 0:
        raise ValueError(f"speed {speed:g}: expected more than 0")
    clock, stop = clock or SystemClock(), stop or threading.Event()
    counted = _Counted(TruthFile(truth))
    publisher = _publisher(scenario, broker, seed, password, counted)
    start, begun, published = clock.now(), clock.monotonic(), 0
    counted.file.run(scenario, seed, start, speed)

    def event_time() -> int:
        return start + round((clock.monotonic() - begun) * 1000 * speed)

    calls = FieldRun(members_of(scenario, seed=seed, start=start), field, event_time, counted.tell)
    calls.start()
    for due in run_district(scenario, seed=seed, start=start):
        wait = begun + due.elapsed / speed - clock.monotonic()
        if (duration is not None and due.elapsed > duration) or stop.wait(max(0.0, wait)):
            break
        for message in due.messages:
            if publisher is not None:
                publisher.send(message)
                published += 1
    else:
        # nobody publishes: the devices that call by themselves go on alone
        stop.wait(None if duration is None else max(0.0, begun + duration / speed - clock.monotonic()))
    calls.close()
    if publisher is not None:
        for message in publisher.drain(_STOPPED_DRAIN_S if stop.is_set() else _DRAIN_S):
            counted.file.message(message, acknowledged=False)
        publisher.close()
    counted.file.close()
    return RunReport(published + counted.sent, counted.published + counted.records)


def _publisher(
    scenario: Scenario, broker: str | None, seed: int, password: str | None, counted: _Counted
) -> Publisher | None:
    if all(device.fleet.speech is not None for device in devices_of(scenario)):
        return None
    if broker is None:
        raise ValueError(f"scenario {scenario.name} has devices that publish: give it a broker")
    url = BrokerUrl.parse(broker)
    publisher = Publisher(
        url if password is None else replace(url, password=password),
        f"simulator-{scenario.name}-{seed}",
        counted.confirm,
    )
    publisher.start()
    return publisher


def field_addresses(given: list[str]) -> dict[str, Address]:
    """Host and port by protocol, from words such as `hj212=127.0.0.1:9212`.

    Raises:
        ValueError: a word of another form.
    """
    found = {}
    for word in given:
        protocol, equals, address = word.partition("=")
        host, colon, port = address.rpartition(":")
        if not (protocol and equals and colon and host and port.isascii() and port.isdigit()):
            raise ValueError(f"{word!r}: expected PROTOCOL=HOST:PORT such as hj212=127.0.0.1:9212")
        found[protocol] = host.strip("[]"), int(port)
    return found
