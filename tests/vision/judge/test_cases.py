"""Golden cases: what is seen, as data in tests/cases/patrol, and what must be told of it, when."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.vision.judge.script import START, ScriptedSight, camera, frame, thing
from vision.camera import camera_of, write_camera
from vision.detection import Detection
from vision.geometry.view import View
from vision.pipeline import Patrol

CASES = sorted((Path(__file__).parents[2] / "cases" / "patrol").glob("*.json"))
STEP = 500


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_case_is_told_as_it_is_written(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    fields = json.loads(write_camera(camera())) | case.get("camera", {})
    config = camera_of(fields)
    times = [START + number * STEP for number in range(case["seconds"] * 1000 // STEP)]
    view = Patrol(config, ScriptedSight({})).view
    patrol = Patrol(config, ScriptedSight({time: seen(case, view, time) for time in times}))
    told = []
    for time in times:
        told += [[event.kind, event.state, (time - START) / 1000] for event in patrol.step(frame(time)).events]
    assert told == case["told"], case["about"]


def seen(case: dict[str, Any], view: View, time: int) -> list[Detection]:
    """The detections of a case at a time: every thing on its way between the places it is given (second, east, north)."""
    second = (time - START) / 1000
    found = []
    for one in case["things"]:
        way = np.array(one["path"], float)
        if way[0, 0] <= second <= way[-1, 0]:
            east, north = (float(np.interp(second, way[:, 0], way[:, axis])) for axis in (1, 2))
            score, upright = one.get("score", 0.9), one.get("upright", 0.6)
            found.append(thing(view, east, north, one["size"], one["label"], score, upright))
    return found
