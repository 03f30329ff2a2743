"""Golden cases: each file of cases/ is one judgement and what must come of it."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hub.standards import black_odorous, hj633, surface_water, waters
from hub.standards.surface_water import named

CASES = Path(__file__).parent / "cases"


def section_words(found: surface_water.Section) -> dict[str, Any]:
    return {
        "grade": found.grade,
        "decided_by": list(found.decided_by),
        "main": [one.property for one in found.main],
        "printed": [named(one, "zh") for one in found.main],
        "missing": list(found.missing),
        "complete": found.complete,
        "item_count": found.item_count,
        "coverage": found.coverage,
        "zh": found.text("zh"),
        "en": found.text("en"),
        "singles": {one.property: one.grade for one in found.singles},
        "values": {one.property: one.value for one in found.singles},
    }


def section(case: dict[str, Any]) -> dict[str, Any]:
    found = surface_water.judge(
        case["means"], case["body"], case["day"], base=case.get("base", "III"), units=case.get("units", {})
    )
    assert found is not None
    return section_words(found)


def basin(case: dict[str, Any]) -> dict[str, Any]:
    found = waters.basin(case["sections"], case["day"])
    assert found is not None
    assert found.quality is not None
    grade = None if found.averaged is None else found.averaged.grade
    return {"by": found.by, "zh": found.quality.zh, "shares": found.shares, "grade": grade, "main": list(found.main)}


def lake(case: dict[str, Any]) -> dict[str, Any]:
    found = waters.lake(case["points"], case["day"])
    assert found is not None
    return section_words(found)


def black_odorous_point(case: dict[str, Any]) -> dict[str, Any]:
    columns = {name: np.array(values, np.float64) for name, values in case["columns"].items()}
    found = black_odorous.point(columns, case["day"], depth_cm=case.get("depth_cm"))
    assert found is not None
    return {"odour": found.odour, "missing": list(found.missing)}


def black_odorous_body(case: dict[str, Any]) -> dict[str, Any]:
    found = black_odorous.body(case["points"], case["day"])
    assert found is not None
    return {"odour": found.odour, "heavy_reaches": [list(reach) for reach in found.heavy_reaches]}


def aqi(case: dict[str, Any]) -> dict[str, Any]:
    found = hj633.judge(case["means"], case["report"], case["day"])
    assert found is not None
    word = None if found.category is None else found.category.zh
    return {"edition": found.edition, "aqi": found.aqi, "zh": word, "primary": list(found.primary)}


KINDS = {
    "section": section,
    "basin": basin,
    "lake": lake,
    "black_odorous": black_odorous_point,
    "black_odorous_body": black_odorous_body,
    "aqi": aqi,
}


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.toml")))
def test_a_case_gives_what_it_expects(name: str) -> None:
    case = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))
    found, expected = KINDS[case["kind"]](case), dict(case["expected"])
    for absent in expected.pop("absent", ()):
        assert absent not in found["singles"]
    for word, value in expected.items():
        got = found[word]
        if isinstance(value, dict):
            got = {key: got[key] for key in value}
        assert got == value, f"{case['about']}: {word}"
