"""What the rules promise whatever the input does, each promise by itself."""

import random

import msgspec
import numpy as np
import pytest

from hub.alert import AlertTransition
from hub.batch import Batch
from hub.catalogue import Catalogue, Change, Device, DevicePut, RulePut, RuleRemoved
from hub.errors import CorruptRecord
from hub.event import DeviceEvent
from hub.rule import Rule
from processors.engine import process, process_event
from processors.snapshot import Snapshots, restore
from processors.state import RuleState
from tests.processors.worlds import MINUTE, T0, Row, a_batch, catalogue_of, some_rows

STATION = "env/water/w1"
PH = Rule("ph", 1, "level", property="ph", above={3: 5.0, 1: 8.0}, on_delay=2 * MINUTE, off_delay=MINUTE, deadband=0.2)
DO = Rule("do", 1, "level", property="do", below={2: 3.0})
SILENCE = Rule("silence", 1, "silence", periods=3)


def a_catalogue(lateness: int = 0, *more: Change) -> Catalogue:
    device = Device(STATION, period_ms=MINUTE, lateness_ms=lateness)
    return catalogue_of([RulePut(PH), RulePut(DO), DevicePut(device), *more])


def run(batches: list[Batch], catalogue: Catalogue) -> list[AlertTransition]:
    state = RuleState()
    return [said for batch in batches for said in process(batch, state, catalogue)]


def cut(chance: random.Random, rows: list[Row]) -> list[Batch]:
    """The rows in batches of any sizes, all within one second of the clock."""
    batches: list[Batch] = []
    while rows:
        size = chance.choice([1, 2, 7, 60])
        batches.append(a_batch(rows[:size], T0 + len(batches), 3))
        rows = rows[size:]
    return batches


def meant(said: list[AlertTransition]) -> list[AlertTransition]:
    """Without what only says which batch brought it."""
    plain = [msgspec.structs.replace(one, received=0, offset=0) for one in said]
    return sorted(plain, key=lambda one: (one.id, one.n))


@pytest.mark.parametrize("seed", range(20))
def test_cuts_between_batches_are_nowhere_seen(seed: int) -> None:
    chance = random.Random(seed)
    rows, catalogue = some_rows(chance, STATION, 120), a_catalogue()
    whole = run([a_batch(rows, T0, 3)], catalogue)
    assert whole
    assert meant(run(cut(chance, rows), catalogue)) == meant(whole)


@pytest.mark.parametrize("seed", range(20))
def test_redelivered_records_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    rows, catalogue = some_rows(chance, STATION, 120), a_catalogue()
    batches = cut(chance, rows)
    again = [twice for at in range(len(batches)) for twice in batches[max(0, at - chance.randint(0, 4)) : at + 1]]
    assert meant(run(again, catalogue)) == meant(run(batches, catalogue))


@pytest.mark.parametrize("seed", range(20))
def test_disorder_within_the_lateness_gives_the_alerts_of_the_sorted_stream(seed: int) -> None:
    chance, lateness = random.Random(seed), 4 * MINUTE
    rows, catalogue = some_rows(chance, STATION, 120), a_catalogue(lateness)
    end = Row(STATION, rows[-1].time + 2 * lateness, {"ph": 4.5, "do": 4.5, "nh3_n": 4.5}, {})
    stirred = sorted(rows + chance.sample(rows, 20), key=lambda row: row.time + chance.uniform(0, lateness))
    assert meant(run(cut(chance, [*stirred, end]), catalogue)) == meant(run([a_batch([*rows, end], T0, 3)], catalogue))


def test_a_stop_of_ingest_makes_nobody_silent_or_unknown() -> None:
    catalogue, state = a_catalogue(0, RulePut(SILENCE)), RuleState()
    said = process(a_batch([Row(STATION, T0, {"ph": 6.0}, {})], T0, 4), state, catalogue)
    assert [one.condition for one in said] == ["pending"]
    assert process(a_batch([], T0 + 24 * 60 * MINUTE, 4), state, catalogue) == []


def test_silence_is_raised_while_ingest_lives_and_cleared_by_the_next_message() -> None:
    catalogue, state, said = a_catalogue(0, RulePut(SILENCE)), RuleState(), []
    process(a_batch([Row(STATION, T0, {"ph": 4.0}, {})], T0, 4), state, catalogue)
    for second in range(1, 200):
        said += process(a_batch([], T0 + second * 1000, 4), state, catalogue)
    (raised,) = said
    assert (raised.condition, raised.breach_start, raised.fired) == ("active", T0 + MINUTE, T0 + 181_000)
    (cleared,) = process(a_batch([Row(STATION, T0, {"ph": 4.0}, {})], T0 + 200_000, 4), state, catalogue)
    assert (cleared.id, cleared.n, cleared.condition) == (raised.id, 2, "cleared")


def test_a_silence_rule_that_comes_back_speaks_of_a_new_alert() -> None:
    catalogue, state, said = a_catalogue(0, RulePut(SILENCE)), RuleState(), []
    for second in range(200):
        said += process(a_batch([], T0 + second * 1000, 4), state, catalogue)
    catalogue.apply(RuleRemoved("silence"))
    said += process(a_batch([], T0 + 200_000, 5), state, catalogue)
    catalogue.apply(RulePut(SILENCE))
    for second in range(201, 500):
        said += process(a_batch([], T0 + second * 1000, 6), state, catalogue)
    assert [(one.n, one.condition, one.text) for one in said] == [
        (1, "active", ""),
        (2, "cleared", "rule removed"),
        (1, "active", ""),
    ]
    assert said[0].id != said[2].id


def a_finding(time: int, level: int = 3) -> DeviceEvent:
    return DeviceEvent("finding", STATION, T0 + time, T0 + time, "fatigue", level, "yawning")


def test_a_finding_is_active_at_once_raised_by_a_worse_one_and_ends_after_a_quiet_time() -> None:
    catalogue, state, said = a_catalogue(), RuleState(), []
    for event in (a_finding(0), a_finding(0), a_finding(MINUTE), a_finding(2 * MINUTE, 1), a_finding(3 * MINUTE)):
        said += process_event(event, state, catalogue)
    said += process(a_batch([], T0 + 12 * MINUTE, 3), state, catalogue)
    said += process(a_batch([], T0 + 14 * MINUTE, 3), state, catalogue)
    assert [(one.rule, one.n, one.level, one.condition, one.at - T0) for one in said] == [
        ("event:fatigue", 1, 3, "active", 0),
        ("event:fatigue", 2, 1, "active", 2 * MINUTE),
        ("event:fatigue", 3, 1, "cleared", 13 * MINUTE),
    ]


def test_findings_say_the_same_whichever_topic_is_read_first() -> None:
    ticks = [a_batch([], T0 + minute * MINUTE, 3) for minute in range(40)]
    findings = [a_finding(0), a_finding(20 * MINUTE)]

    def said(order: list[Batch | DeviceEvent]) -> list[AlertTransition]:
        state, catalogue, found = RuleState(), a_catalogue(), []
        for one in order:
            found += process(one, state, catalogue) if isinstance(one, Batch) else process_event(one, state, catalogue)
        return found

    events_first = said([*findings, *ticks])
    assert events_first == said([findings[0], *ticks[:20], findings[1], *ticks[20:]])
    assert [(one.n, one.condition) for one in events_first] == [(1, "active"), (2, "cleared")] * 2


def test_a_snapshot_is_small_and_a_damaged_one_is_refused() -> None:
    devices: list[Change] = [DevicePut(Device(f"env/water/s{number:04}", period_ms=5000)) for number in range(500)]
    names = ("ph", "do", "turbidity", "conductivity", "temperature", "cod_mn", "nh3_n", "tp")
    rules: list[Change] = [RulePut(Rule(name, 1, "level", property=name, above={1: 8.0})) for name in names]
    catalogue, state = catalogue_of(devices + rules), RuleState()
    rows = [Row(f"env/water/s{number:04}", T0 + number, dict.fromkeys(names, 7.0), {}) for number in range(500)]
    process(a_batch(rows, T0, 508), state, catalogue)
    blob = Snapshots().take(state)
    assert len(blob) / 4000 <= 16
    for damaged in (b"", blob[: len(blob) // 2], b"\x93" + blob[1:]):
        with pytest.raises(CorruptRecord):
            restore(damaged, catalogue)


def test_a_value_beside_the_limit_by_the_last_bit_counts_as_it_stands() -> None:
    catalogue, state = a_catalogue(), RuleState()
    process(a_batch([Row(STATION, T0, {"do": 3.0}, {})], T0, 3), state, catalogue)
    (said,) = process(a_batch([Row(STATION, T0 + 1, {"do": float(np.nextafter(3.0, 0))}, {})], T0, 3), state, catalogue)
    assert (said.level, said.limit, said.condition) == (2, 3.0, "active")
