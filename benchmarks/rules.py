"""How many values a core-second the rules take, alone and through Faust, with 4 rules on each datastream.

    python benchmarks/rules.py [--faust]
"""

import argparse
import time

import numpy as np

from hub.batch import Batch, Block, decode_batch, encode_batch
from hub.catalogue import Catalogue, Device, DevicePut, RulePut
from hub.rule import Rule, Selector
from processors.engine import process
from processors.snapshot import Snapshots
from processors.state import RuleState

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
        batch = Batch("bench", sequence, T0 + sequence * 50, 0, tuple(names[number] for number in used), (block,))
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


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faust", action="store_true")
    parser.parse_args()
    for stations, rows, over in ((500, 500, 0), (500, 500, 0.001), (500, 500, 0.02), (500, 500, 1), (500, 60, 0.001),
                                 (12, 500, 0.001), (1, 500, 0.02)):  # fmt: skip
        alone(stations, rows, over)


if __name__ == "__main__":
    main()
