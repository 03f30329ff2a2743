"""One Faust app on both engines: it loses nothing when killed, its table comes back, and its group is the bus's group."""

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from hub.bus import Bus, Message
from tests.bus import counting_app
from tests.bus.engine import Embedded, Engine
from tests.bus.processes import Process
from tests.bus.reading import append_numbers, read_all
from tests.engines.waiting import wait_until


class Counting:
    """The counting app's topics on an engine, and its workers."""

    def __init__(self, engine: Engine, partitions: int, output: Path) -> None:
        self.engine = engine
        self.name = engine.name("count")
        self.partitions = partitions
        self.output = output
        self.bus: Bus = engine.open()
        self.input = f"{self.name}-numbers"
        self._started = 0

    def make_topics(self) -> None:
        self.bus.ensure_topics(counting_app.topics(self.name, self.partitions))

    def start(self, stack: ExitStack) -> Process:
        self._started += 1
        arguments = (self.engine.url, str(self.engine.data), self.name, str(self.partitions))
        process = Process(self.output / f"worker-{self._started}", "tests.bus.counting_app", *arguments)
        stack.callback(process.kill)
        return process

    def behind(self) -> int:
        return sum(self.bus.lag(self.name, self.input).values())

    def said(self) -> int:
        return sum(self.bus.ends(f"{self.name}-counts").values())

    def check(self, sent: list[tuple[int, int]], keys: int) -> None:
        """Every number was answered, and the last count of every key is how often it was sent."""
        answers = [json.loads(record.value or b"") for record in read_all(self.bus, f"{self.name}-counts")]
        assert {answer["number"] for answer in answers} == set(range(len(sent)))
        counted = {answer["key"]: answer["count"] for answer in answers}
        assert counted == Counter(f"key-{number % keys}" for number in range(len(sent)))


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(durable: Engine, tmp_path: Path) -> None:
    app = Counting(durable, 2, tmp_path)
    app.make_topics()
    sent = append_numbers(app.bus, app.input, range(300), keys=7)
    with ExitStack() as stack:
        for part in (1, 2):
            worker = app.start(stack)
            wait_until(lambda part=part: app.said() > 100 * part, 60, "some were counted")  # type: ignore[misc]
            worker.kill()
        sent += append_numbers(app.bus, app.input, range(300, 500), keys=7)
        worker = app.start(stack)
        wait_until(lambda: not app.behind(), 60, "all were counted and committed")
        assert worker.end() == 0
        app.check(sent, 7)


def test_ended_in_order_a_worker_repeats_nothing(embedded: Embedded, tmp_path: Path) -> None:
    app = Counting(embedded, 1, tmp_path)
    app.make_topics()
    sent = append_numbers(app.bus, app.input, range(200), keys=3)
    with ExitStack() as stack:
        worker = app.start(stack)
        wait_until(lambda: app.said() > 50, 60)
        assert worker.end() == 0
        worker = app.start(stack)
        wait_until(lambda: not app.behind(), 60)
        assert worker.end() == 0
    assert app.said() == 200
    app.check(sent, 3)


def test_two_megabytes_pass_as_message_and_as_table_value(durable: Engine, tmp_path: Path) -> None:
    app = Counting(durable, 1, tmp_path)
    app.make_topics()
    values = [b"0", b"1".rjust(2 << 20), b"2"]
    app.bus.append([Message(app.input, b"key", value) for value in values])
    with ExitStack() as stack:
        worker = app.start(stack)
        wait_until(lambda: app.said() == 3 and not app.behind(), 60, "all three were counted")
        worker.kill()
        app.bus.append([Message(app.input, b"key", b"3")])
        app.start(stack)
        wait_until(lambda: app.said() == 4, 60, "the table came back")
    changes = read_all(app.bus, f"{app.name}-state-changelog")
    assert max(len(record.value or b"") for record in changes) > 2 << 20
    assert json.loads(read_all(app.bus, f"{app.name}-counts")[-1].value or b"")["count"] == 4


def test_a_worker_waits_for_topics_that_are_made_late(embedded: Embedded, tmp_path: Path) -> None:
    app = Counting(embedded, 1, tmp_path)
    with ExitStack() as stack:
        worker = app.start(stack)
        wait_until(lambda: any("waiting for the topics" in line for line in worker.lines()), 60)
        app.make_topics()
        sent = append_numbers(app.bus, app.input, range(20), keys=2)
        wait_until(lambda: not app.behind(), 60)
        app.check(sent, 2)


def test_a_second_worker_of_the_group_is_refused(embedded: Embedded, tmp_path: Path) -> None:
    app = Counting(embedded, 1, tmp_path)
    app.make_topics()
    append_numbers(app.bus, app.input, range(3))
    with ExitStack() as stack:
        app.start(stack)
        wait_until(lambda: app.said() == 3, 60)
        second = app.start(stack)
        assert second.wait() != 0
        assert any("already has its one member" in line for line in second.lines())


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_of_a_kafka_group_take_over_from_a_killed_one(
    kafka_engine: Engine, tmp_path: Path, workers: int
) -> None:
    app = Counting(kafka_engine, 6, tmp_path)
    app.make_topics()
    sent = append_numbers(app.bus, app.input, range(200), keys=30)
    with ExitStack() as stack:
        team = [app.start(stack) for _ in range(workers)]
        wait_until(lambda: not app.behind(), 90, "the first were counted")
        sent += append_numbers(app.bus, app.input, range(200, 500), keys=30)
        wait_until(lambda: app.said() > 230, 60)
        team[0].kill()
        sent += append_numbers(app.bus, app.input, range(500, 600), keys=30)
        wait_until(lambda: not app.behind(), 90, "the others have taken over")
        assert all(worker.code() is None for worker in team[1:])
        app.check(sent, 30)
