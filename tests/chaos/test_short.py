"""The short form: every part killed under load, in both sizes, and nothing lost, doubled or disturbed."""

from pathlib import Path

import pytest

from tests.chaos.district import District
from tests.chaos.faults import alerts_go_on, away, down, kill, receiver_away, restart, store_fills
from tests.chaos.run import Plan, a_world, run
from tests.chaos.size import Size
from tests.chaos.verdict import judge

pytestmark = pytest.mark.timeout(600)
DISTRICT = District(stations=20, period=1.0, speed=4.0)


def test_embedded_parts_killed_under_load(embedded: Size, tmp_path: Path) -> None:
    faults = [
        kill("rules"),
        kill("ingest"),
        down("series", 1, meanwhile=alerts_go_on),
        kill("broker"),
        receiver_away(1),
        down("serve", 1, meanwhile=store_fills),
    ]
    plan = Plan(DISTRICT, faults, seed=1, between=(0.2, 0.8))
    with a_world(tmp_path, embedded, plan) as world:
        verdict = run(world, plan)
        missing = judge(world.hub, world.receiver, world.truth.and_one_more())
    assert not verdict.findings, str(verdict)
    assert "3 values lost" in str(missing), "the count does not see a reading that is missing"
    assert "acknowledged by the broker, never on the bus" in str(missing)


def test_real_engines_and_parts_killed_under_load(real: Size, tmp_path: Path) -> None:
    faults = [
        kill("rules"),
        restart("mosquitto"),
        away("influxdb", 3, meanwhile=alerts_go_on),
        kill("ingest"),
        kill("series"),
        kill("serve"),
    ]
    # PostgreSQL and Kafka take 10 to 30 seconds to come back from a kill: the long form has that time.
    plan = Plan(DISTRICT, faults, seed=2, between=(0.2, 0.8))
    with a_world(tmp_path, real, plan) as world:
        verdict = run(world, plan)
    assert not verdict.findings, str(verdict)
