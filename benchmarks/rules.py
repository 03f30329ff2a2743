"""How many values a core-second the rules take, alone and through Faust, with 4 rules on each datastream.

python benchmarks/rules.py [--bus embedded://]
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np

from hub.batch import Batch, Block, decode_batch, encode_batch
from hub.bus import Message
from hub.buses import open_bus
from hub.catalogue import Catalogue, Device, DevicePut, RulePut, encode_change, key_of
from hub.follow import CatalogueFollower
from hub.rule import Rule, Selector
from hub.topics import CATALOGUE, OBSERVATIONS, topics
from processors.app import RulesApp
from processors.engine import process
from processors.role import faust_broker
from processors.snapshot import Snapshots
from processors.state import RuleState

VERSION = 532
T0 = 1_767_225_600_000
PROPERTIES = ("ph", "do", "turbidity", "conductivity", "temperature", "cod_mn", "nh3_n", "tp")


def a_catalogue(stations: int, rules: int = 4) -> list[DevicePut | RulePut]:
    """`rules` rules on each of 8 datastreams of each station: two levels up, one down, durations of half a minute."""
    found: list[DevicePut | RulePut] = [
        RulePut(
            Rule(f"{name}-{number}", 1, "level", (Selector(kind="water"),), property=name,
                 above={3: 8.0, 2: 9.0}, below={4: 1.0}, deadband=0.1, on_delay=30_000, off_delay=30_000)
        )
        for name in PROPERTIES for number in range(rules)
    ]  # fmt: skip
    return found + [DevicePut(Device(f"env/water/s{number:05}", period_ms=5000)) for number in range(stations)]


def some_batches(stations: int, count: int, rows: int, over: float, seed: int = 1) -> list[bytes]:
    """Encoded batches of `rows` messages of 8 values; each value is over a limit with probability `over` for a while."""
    chance = np.random.default_rng(seed)
    names = tuple(f"env/water/s{number:05}" for number in range(stations))
    found, at = [], 0
    for sequence in range(count):
        order = (np.arange(rows) + at) % stations
        rounds = (np.arange(rows) + at) // stations
        at += rows
        value = chance.uniform(2, 7.9, (rows, 8))
        value[chance.random((rows, 8)) < over] = 8.5
        used = np.unique(order)
        index = np.searchsorted(used, order).astype(np.uint32)
        block = Block(PROPERTIES, index, T0 + rounds * 5000 + order, value)
        batch = Batch("bench", sequence, T0 + sequence * 50, VERSION, tuple(names[number] for number in used), (block,))
        found.append(encode_batch(batch))
    return found


def alone(stations: int, rows: int, over: float, count: int = 200) -> None:
    """The pure function, decoding included."""
    catalogue = Catalogue()
    catalogue.apply_all(a_catalogue(stations))
    state, batches = RuleState(), some_batches(stations, count, rows, over)
    for blob in batches[: count // 4]:
        process(decode_batch(blob), state, catalogue)
    said, begun = 0, time.process_time()
    for blob in batches[count // 4 :]:
        said += len(process(decode_batch(blob), state, catalogue))
    spent = time.process_time() - begun
    values = rows * 8 * (count - count // 4)
    snapshots = Snapshots()
    blob = snapshots.take(state)
    began = time.perf_counter()
    for _ in range(20):
        blob = snapshots.take(state)
    took = (time.perf_counter() - began) / 20
    print(
        f"{stations} stations, {rows} rows a batch, {over:.0%} over: {values / spent / 1e6:.2f} M values/core-s, "
        f"{spent / (count - count // 4) * 1e3:.2f} ms a batch, {said} transitions; state {len(blob) / stations / 8:.1f} B "
        f"a datastream in {took * 1e3:.2f} ms"
    )


def through_faust(url: str, count: int = 2000, over: float = 0.001) -> None:
    """The worker as it is run, from a log that is full to a log that is read; CPU of the whole process."""
    with tempfile.TemporaryDirectory() as folder, open_bus(url, Path(folder)) as bus:
        data = Path(folder)
        bus.ensure_topics(topics(1))
        changes = a_catalogue(500)
        bus.append([Message(CATALOGUE, key_of(change).encode(), encode_change(change)) for change in changes])
        batches = some_batches(500, count, 500, over)
        for at in range(0, count, 100):
            bus.append([Message(OBSERVATIONS, b"", blob, 0) for blob in batches[at : at + 100]])
        follower = CatalogueFollower(bus)
        follower.start()
        asyncio.run(_drain(RulesApp(faust_broker(url, data), bus, follower, 1, "Asia/Shanghai", data / "faust"), count))
        follower.close()


async def _drain(rules: RulesApp, count: int) -> None:
    saving = asyncio.create_task(rules.keep_saving())
    rules.app.finalize()
    await rules.app.start()
    while rules.counters.batches < count // 10:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    values, alerts, began, wall = rules.counters.values, rules.counters.alerts, time.process_time(), time.perf_counter()
    while rules.counters.batches < count:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    spent, took = time.process_time() - began, time.perf_counter() - wall
    done = rules.counters.values - values
    print(
        f"through Faust: {done / spent / 1e6:.2f} M values/core-s ({done / took / 1e6:.2f} M/s wall), "
        f"{rules.counters.alerts - alerts} transitions"
    )
    await rules.app.stop()
    saving.cancel()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bus", help="through Faust on this bus instead: embedded:// or kafka://host:port (fresh)")
    given = parser.parse_args()
    if given.bus:
        for over in (0, 0.001):
            through_faust(given.bus, over=over)
        return
    for stations, rows, over in ((500, 500, 0), (500, 500, 0.001), (500, 500, 0.02), (500, 500, 1), (500, 60, 0.001),
                                 (12, 500, 0.001), (1, 500, 0.02)):  # fmt: skip
        alone(stations, rows, over)


if __name__ == "__main__":
    main()
