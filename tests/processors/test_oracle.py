"""The columns against the plain oracle: the same records give the same transitions, whatever the input does and however it is cut."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.alert import AlertTransition
from hub.batch import Batch
from hub.catalogue import Catalogue, Change, DevicePut, RulePut
from processors.engine import process
from processors.snapshot import Snapshots, restore, saved_version
from processors.state import RuleState
from tests.processors.oracle import Oracle
from tests.processors.worlds import (
    T0,
    DeviceMaker,
    Row,
    RuleMaker,
    a_batch,
    a_device,
    a_named_device,
    a_named_rule,
    a_rule,
    changes,
    some_rows,
)

HOUR = 3_600_000

Said = list[AlertTransition]


def in_order(said: Said) -> Said:
    """Order within an alert is promised, order between alerts is not."""
    return sorted(said, key=lambda transition: (transition.id, transition.n))


def stir(chance: random.Random, rows: list[Row]) -> list[Row]:
    """Duplicates, disorder and late ones."""
    stirred = []
    for row in rows:
        stirred.append((row.time + chance.choice([0, 0, 0, 100_000]), row))
        if chance.random() < 0.1:
            stirred.append((row.time + chance.choice([0, 300_000]), row))
        if chance.random() < 0.08:
            stirred.append((row.time + 2_000_000, stirred.pop()[1]))
    return [row for _, row in sorted(stirred, key=lambda pair: pair[0])]


def a_world(
    seed: int, rule_of: RuleMaker = a_rule, device_of: DeviceMaker = a_device, begin: int = T0
) -> tuple[list[Change], list[Batch]]:
    """Changes of the catalogue, and batches that name its versions."""
    chance = random.Random(seed)
    rules = chance.randint(1, 5)
    start: list[Change] = [RulePut(rule_of(chance, f"r{number}", 1)) for number in range(rules)]
    start += [DevicePut(device_of(chance, name)) for name in ("w1", "w2", "w3")[: chance.randint(1, 3)]]
    later = changes(chance, rules, rule_of, device_of)
    stations = [f"env/water/w{number}" for number in range(1, 5)]
    rows = [
        row for station in stations for row in stir(chance, some_rows(chance, station, chance.randint(0, 40), begin))
    ]
    rows.sort(key=lambda row: row.time // chance.choice([1, 600_000]))
    batches: list[Batch] = []
    received, version = begin, len(start)
    while rows or chance.random() < 0.7:
        size = chance.choice([0, 1, 1, 3, 10, 40])
        if chance.random() < 0.1:
            version = chance.randint(version, len(start) + len(later))
        received += chance.choice([1, 50, 1000, 4000, 5000, 60_000, -3])
        batches.append(a_batch(rows[:size], received, version, len(batches)))
        rows = rows[size:]
        for _ in range(chance.choice([0] * 12 + [20, 400])):
            received += 5000
            batches.append(a_batch([], received, version, len(batches)))
    return start + later, batches


def bring(catalogue: Catalogue, all_changes: list[Change], version: int) -> None:
    catalogue.apply_all(all_changes[catalogue.version : version])


def by_columns(all_changes: list[Change], batches: list[Batch], restarts: random.Random | None = None) -> Said:
    state, catalogue, said = RuleState(), Catalogue(), []
    snapshots = Snapshots()
    for offset, batch in enumerate(batches):
        bring(catalogue, all_changes, batch.catalogue)
        said += process(batch, state, catalogue, offset)
        if restarts is not None and restarts.random() < 0.2:
            blob, catalogue = snapshots.take(state), Catalogue()
            bring(catalogue, all_changes, saved_version(blob))
            state, snapshots = restore(blob, catalogue), Snapshots()
    return said


def by_oracle(all_changes: list[Change], batches: list[Batch]) -> Said:
    oracle, catalogue, said = Oracle(), Catalogue(), []
    for offset, batch in enumerate(batches):
        bring(catalogue, all_changes, batch.catalogue)
        said += oracle.process(batch, catalogue, offset)
    return said


@pytest.mark.parametrize("block", range(10))
def test_columns_equal_the_oracle(block: int) -> None:
    for seed in range(block * 30, block * 30 + 30):
        all_changes, batches = a_world(seed)
        expected, got = by_oracle(all_changes, batches), by_columns(all_changes, batches)
        assert in_order(got) == in_order(expected), f"seed {seed}"


@pytest.mark.parametrize("block", range(3))
def test_limits_by_name_equal_the_oracle_s_over_the_midnight_that_changes_them(block: int) -> None:
    for seed in range(5000 + block * 20, 5020 + block * 20):
        all_changes, batches = a_world(seed, a_named_rule, a_named_device, T0 + 15 * HOUR)
        expected, got = by_oracle(all_changes, batches), by_columns(all_changes, batches, random.Random(seed))
        assert in_order(got) == in_order(expected), f"seed {seed}"


@settings(max_examples=25, deadline=None)
@given(st.integers(1000, 1 << 40), st.integers())
def test_snapshot_and_restore_anywhere_change_nothing(seed: int, cuts: int) -> None:
    all_changes, batches = a_world(seed)
    expected = by_oracle(all_changes, batches)
    assert in_order(by_columns(all_changes, batches, random.Random(cuts))) == in_order(expected)
