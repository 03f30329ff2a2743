"""How quick the bus is: appends, wake-ups across processes, reading, and values through a Faust agent.

Run by hand: `python -m benchmarks.bus [embedded] [kafka://host:port]`; figures are of this machine and of whatever else it does meanwhile.
"""

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faust
import numpy as np

from hub.batch import Batch, Block, decode_batch, encode_batch
from hub.bus import Bus, Message
from hub.buses import open_bus
from hub.topics import TopicSpec
from processors.transport import register, settings

ROWS, PROPERTIES = 500, ("ph", "do", "turbidity", "conductivity", "temperature", "cod_mn", "nh3_n", "tp")
MESSAGES = 3000


def a_batch(sequence: int) -> bytes:
    """One batch of 500 readings of 8 values, some 40 KB."""
    generator = np.random.default_rng(sequence)
    block = Block(
        PROPERTIES,
        (np.arange(ROWS) % 50).astype(np.uint32),
        np.arange(ROWS, dtype=np.int64) + sequence,
        generator.normal(size=(ROWS, len(PROPERTIES))),
    )
    return encode_batch(Batch("bench", sequence, sequence, 1, tuple(f"station-{n}" for n in range(50)), (block,)))


def percentiles(seconds: Sequence[float]) -> str:
    """Median and p99 in milliseconds."""
    p50, p99 = np.percentile(np.asarray(seconds) * 1000, [50, 99])
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def appends(bus: Bus, topic: str, threads: int, count: int) -> None:
    """Durable appends of 25 KB by several threads of one process."""
    value, took = os.urandom(25_000), []

    def work() -> None:
        for number in range(count // threads):
            begin = time.perf_counter()
            bus.append([Message(topic, b"%d" % number, value)])
            took.append(time.perf_counter() - begin)

    begin, cpu = time.perf_counter(), time.process_time()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    rate, each = len(took) / wall, cpu / len(took) * 1e6
    print(f"  append, {threads:2} threads: {rate:6.0f} /s, {percentiles(took)}, {each:.0f} us CPU each")


def reading(bus: Bus, topic: str) -> None:
    """Reading everything back."""
    end = sum(bus.ends(topic).values())
    consumer = bus.consumer(None, [topic])
    begin, count = time.perf_counter(), 0
    while count < end:
        count += len(consumer.poll(5.0))
    print(f"  reading: {count / (time.perf_counter() - begin):.0f} records of 25 KB per second")
    consumer.close()


def wakes(bus: Bus, url: str, data: Path, topic: str) -> None:
    """From the end of an append to its record in another process, at 20 a second; and what idling costs."""
    with child("tail", url, str(data), topic) as tail:
        assert tail.stdout is not None
        assert tail.stdout.readline() == "ready\n"
        for _ in range(200):
            bus.append([Message(topic, b"", b"%d" % time.monotonic_ns())])
            time.sleep(0.05)
        print(f"  append to record in another process: {tail.stdout.readline().strip()}")


def tail_child(url: str, data: Path, topic: str) -> None:
    """The other process: reads, then idles."""
    with open_bus(url, data) as bus:
        consumer = bus.consumer(None, [topic])
        consumer.poll(1.0)
        say("ready")
        took: list[float] = []
        while len(took) < 200:
            records = consumer.poll(5.0)
            now = time.monotonic_ns()
            took += [(now - int(record.value or b"0")) / 1e9 for record in records]
        begin = time.process_time()
        consumer.poll(5.0)
        say(f"{percentiles(took)} (append included); idle {(time.process_time() - begin) / 5 * 100:.2f} % of a core")


def through_faust(bus: Bus, url: str, data: Path, name: str) -> None:
    """Values through an agent that decodes batches and sums a column, per second of the worker's CPU."""
    topic = f"{name}-batches"
    bus.ensure_topics([TopicSpec(topic)])
    values = [a_batch(sequence) for sequence in range(20)]
    for first in range(0, MESSAGES, 20):
        bus.append([Message(topic, b"", value) for value in values[: MESSAGES - first]])
    with child("agent", url, str(data), name) as agent:
        assert agent.stdout is not None
        _, _, said = agent.stdout.readline().rpartition("\x1b[?25h")  # Faust's spinner writes there too
        print(f"  through a Faust agent: {said.strip()}")


def agent_child(url: str, data: Path, name: str) -> None:
    """The worker; it says how it did after the last message and ends."""
    register()
    app = faust.App(name, broker=url, datadir=data, **settings(1))
    topic = app.topic(f"{name}-batches", key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(topic, name="sum")
    async def add(stream: Any) -> None:
        seen = total = 0
        begin = time.process_time()
        async for event in stream.events():
            if not seen:
                begin = time.process_time()
            batch = decode_batch(event.value)
            total += batch.values + int(np.isnan(batch.blocks[0].value).sum())
            seen += 1
            if seen == MESSAGES:
                cpu = time.process_time() - begin
                say(f"{total / cpu / 1e6:.2f} M values per core-second, {cpu / seen * 1e6:.0f} us a message")

    faust.Worker(app, loglevel="error", quiet=True, redirect_stdouts=False).execute_from_commandline()


@contextmanager
def child(what: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """This module in another process, killed at the end."""
    command = [sys.executable, "-m", "benchmarks.bus", what, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def say(line: str) -> None:
    """One line to the parent."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def measure(url: str, data: Path) -> None:
    """Every figure of one engine."""
    name = f"bench-{os.getpid()}-{time.time_ns()}"
    print(f"{url}  (load {os.getloadavg()[0]:.1f})")
    with open_bus(url, data) as bus:
        bus.ensure_topics([TopicSpec(f"{name}-{what}") for what in ("appends", "wakes")])
        for threads in (1, 4, 16):
            appends(bus, f"{name}-appends", threads, 1500 * min(threads, 4))
        reading(bus, f"{name}-appends")
        wakes(bus, url, data, f"{name}-wakes")
        through_faust(bus, url, data, name)
    print(f"  peak memory of the measuring process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")


def main(*urls: str) -> None:
    """Measure the engines named, the embedded one when none is."""
    for url in urls or ("embedded",):
        with tempfile.TemporaryDirectory() as folder:
            measure(f"embedded://{folder}" if url == "embedded" else url, Path(folder))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["tail", url, data, topic]:
            tail_child(url, Path(data), topic)
        case ["agent", url, data, name]:
            agent_child(url, Path(data), name)
        case urls:
            main(*urls)
