"""The short form: every part killed under load, in both sizes, and nothing lost, doubled or disturbed."""

from pathlib import Path

import pytest

from tests.chaos.district import District
from tests.chaos.faults import alerts_go_on, away, hold, kill, receiver_away, restart, store_fills
from tests.chaos.run import Plan, a_world, run
from tests.chaos.size import Size
from tests.chaos.verdict import judge

pytestmark = pytest.mark.timeout(240)
DISTRICT = District(stations=20, period=1.0, speed=4.0)


def test_embedded_parts_killed_under_load(embedded: Size, tmp_path: Path) -> None:
    faults = [
        kill("rules"),
        kill("ingest"),
        hold("series", 2, meanwhile=alerts_go_on),
        kill("broker"),
        kill("series"),
        receiver_away(2),
        kill("serve"),
        hold("serve", 2, meanwhile=store_fills),
        kill("rules"),
    ]
    plan = Plan(DISTRICT, faults, seed=1, between=(0.3, 1.2))
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
        away("influxdb", 5, meanwhile=alerts_go_on),
        kill("ingest"),
        away("postgres", 2, meanwhile=store_fills),
        kill("serve"),
        away("kafka", 1),
    ]
    plan = Plan(DISTRICT, faults, seed=2, between=(0.3, 1.0))
    with a_world(tmp_path, real, plan) as world:
        verdict = run(world, plan)
    assert not verdict.findings, str(verdict)
