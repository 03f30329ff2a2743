"""Devices of field protocols keep what was not answered; so whatever befalls the part `field`, nothing is lost and nothing is twice."""

from pathlib import Path

import pytest

from tests.chaos.field_run import a_field_world, bus_away, flooded, kill_field, run_field

LONG_KILLS = 20


@pytest.mark.timeout(300)
def test_field_killed_under_load(tmp_path: Path) -> None:
    with a_field_world(tmp_path, seed=41) as world:
        verdict = run_field(world, [kill_field(2, (0.5, 1.5)), flooded])
    assert not verdict.findings, str(verdict)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_field_killed_again_and_again_flooded_and_without_its_bus(tmp_path: Path) -> None:
    faults = [kill_field(LONG_KILLS // 2, (0.2, 6.0)), flooded, bus_away(5), kill_field(LONG_KILLS // 2, (0.2, 6.0))]
    with a_field_world(tmp_path, seed=42) as world:
        verdict = run_field(world, [*faults, bus_away(25)])
    assert not verdict.findings, str(verdict)
