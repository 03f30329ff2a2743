"""Each folder of tests/cases/rules is a rule, a table of readings and what comes of it; a new fault becomes a new folder."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.alert import AlertTransition
from hub.catalogue import Device
from hub.rulefiles import load_rule
from processors.replay import batches_of, evaluate, read_csv

CASES = Path(__file__).parents[1] / "cases" / "rules"
WORDS = ("id", "n", "level", "condition", "at", "breach_start", "fired", "cleared", "value", "limit", "coverage", "backfilled", "text")  # fmt: skip


def replay(case: Path) -> list[AlertTransition]:
    """What the rule of a case makes of its readings."""
    readings = read_csv((case / "input.csv").read_text().splitlines())
    device = msgspec.json.decode((case / "device.json").read_bytes(), type=Device)
    return evaluate([load_rule(case / "rule.toml")], batches_of(readings), [device])


def told(said: list[AlertTransition]) -> list[dict[str, Any]]:
    """The transitions as expected.json has them."""
    return [{word: msgspec.to_builtins(getattr(one, word)) for word in WORDS} for one in said]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_case_gives_what_it_expects(case: str) -> None:
    assert told(replay(CASES / case)) == json.loads((CASES / case / "expected.json").read_text())
