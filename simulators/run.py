"""Running a scenario against a broker: event time runs `speed` times as fast as the clock."""

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from hub.clock import Clock, SystemClock
from simulators.district import run_district
from simulators.message import Outgoing
from simulators.publisher import BrokerUrl, Publisher
from simulators.scenario import Scenario
from simulators.truth import TruthFile


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended."""

    sent: int
    acknowledged: int


def simulate(
    scenario: Scenario,
    broker: str,
    *,
    seed: int = 1,
    speed: float = 1.0,
    truth: Path | None = None,
    duration: float | None = None,
    stop: threading.Event | None = None,
    clock: Clock | None = None,
    password: str | None = None,
) -> RunReport:
    """Publish the scenario until `stop` is set or `duration` seconds of scenario time have passed.

    Raises:
        ValueError: a broker URL of another form, or a speed that is not positive.
        BrokerRefused, TimeoutError: the broker does not take us, or does not answer.
    """
    if speed <= 0:
        raise ValueError(f"speed {speed:g}: expected more than 0")
    clock, stop = clock or SystemClock(), stop or threading.Event()
    file = TruthFile(truth)
    acknowledged = 0

    def confirm(message: Outgoing) -> None:
        nonlocal acknowledged
        acknowledged += 1
        file.message(message, acknowledged=True)

    url = BrokerUrl.parse(broker)
    publisher = Publisher(
        url if password is None else replace(url, password=password), f"simulator-{scenario.name}-{seed}", confirm
    )
    publisher.start()
    start, begun, sent = clock.now(), clock.monotonic(), 0
    file.run(scenario, seed, start, speed)
    for due in run_district(scenario, seed=seed, start=start):
        wait = begun + due.elapsed / speed - clock.monotonic()
        if (duration is not None and due.elapsed > duration) or stop.wait(max(0.0, wait)):
            break
        for message in due.messages:
            publisher.send(message)
            sent += 1
    for message in publisher.drain(10.0):
        file.message(message, acknowledged=False)
    publisher.close()
    file.close()
    return RunReport(sent, acknowledged)
