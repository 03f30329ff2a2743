"""The long form, `make chaos`: every part killed several times, every engine away or restarted, a disk that fills, a worker that stands still."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.chaos.disk import full, small_disk
from tests.chaos.district import District
from tests.chaos.faults import (
    Fault,
    alerts_go_on,
    away,
    down,
    hold,
    kill,
    receiver_away,
    restart,
    stall,
    store_fills,
)
from tests.chaos.run import Plan, a_world, run
from tests.chaos.size import Size

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

DISTRICT = District(stations=20, period=1.0, speed=4.0)
ROUNDS = 4
STORE_AWAY = 180.0
WATCHDOG_WITHIN = 180.0
"""Seconds in which a stalled rules worker is ended: its watchdog waits one minute of lag without progress."""


def in_any_order(faults: Sequence[Fault], seed: int) -> list[Fault]:
    """The faults shuffled: each seed another story."""
    shuffled = list(faults)
    random.Random(seed).shuffle(shuffled)
    return shuffled


@pytest.mark.parametrize("seed", [11])
def test_embedded_hub_survives_everything(embedded: Size, tmp_path: Path, seed: int) -> None:
    kills = [kill(part) for part in ("broker", "ingest", "rules", "series", "serve")] * ROUNDS
    once = [
        down("series", STORE_AWAY, meanwhile=alerts_go_on),
        down("serve", 30, meanwhile=store_fills),
        hold("ingest", 10),
        receiver_away(30),
        stall("rules", WATCHDOG_WITHIN),
    ]
    plan = Plan(DISTRICT, in_any_order([*kills, *once], seed), seed, between=(0.2, 3.0), settle_within=600)
    with a_world(tmp_path, embedded, plan) as world:
        verdict = run(world, plan)
    assert not verdict.findings, str(verdict)


@pytest.mark.parametrize("seed", [21])
def test_hub_on_real_engines_survives_everything(real: Size, tmp_path: Path, seed: int) -> None:
    kills = [kill(part) for part in ("ingest", "rules", "series", "serve")] * ROUNDS
    once = [
        away("influxdb", STORE_AWAY, meanwhile=alerts_go_on),
        away("influxdb", 0),
        away("postgres", 15, meanwhile=store_fills),
        away("postgres", 0),
        away("kafka", 10),
        away("kafka", 0),
        restart("mosquitto"),
        restart("mosquitto"),
        receiver_away(30),
        stall("rules", WATCHDOG_WITHIN),
    ]
    plan = Plan(DISTRICT, in_any_order([*kills, *once], seed), seed, between=(0.2, 3.0), settle_within=600)
    with a_world(tmp_path, real, plan) as world:
        verdict = run(world, plan)
    assert not verdict.findings, str(verdict)


def test_a_full_disk_costs_nothing(embedded: Size, tmp_path: Path) -> None:
    plan = Plan(DISTRICT, [full(20), kill("ingest"), full(10), kill("broker")], 31, between=(1.0, 5.0))
    with small_disk(tmp_path / "disk") as disk, a_world(tmp_path, embedded, plan, disk / "data") as world:
        verdict = run(world, plan)
    assert not verdict.findings, str(verdict)
