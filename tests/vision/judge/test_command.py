"""`hub patrol` on drawn pictures: what is written, what is told of broken ones and of mistakes in the camera file."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hub.commands.app import WrongUse
from hub.commands.patrol import patrol
from hub.errors import ConfigError
from tests.vision.see import drawn as river
from vision.detection import Box
from vision.events.shot import encoded
from vision.frame import Image
from vision.replay.cut import cut, glance
from vision.replay.source import Clock, NoPictures, Recording

CAMERA = """
water = [{ name = "river", points = [[0, 60], [320, 60], [320, 180], [0, 180]] }]
min_share = 0.0005
"""


def picture(seed: int, thing: int | None = None) -> Image:
    """A dark bank over water that never looks the same twice; with a white thing in it at a column."""
    rng = np.random.default_rng(1)
    bgr = rng.integers(20, 90, (45, 80, 3), np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    water = 110 + np.random.default_rng(seed).normal(0, 3, (120, 320, 1))
    bgr[60:] = np.clip(water + np.array([0, 10, -5]), 0, 255).astype(np.uint8)
    if thing is not None:
        bgr[120:132, thing : thing + 16] = 250
    return bgr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    for number in range(6):
        (made / f"bridge-{1_790_000_000_000 + 500 * number}.jpg").write_bytes(encoded(picture(number)))
    return made


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_picture_has_its_line_and_a_broken_one_does_not_stop_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bridge-1790000001200.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (folder / "bridge-1790000001300.png").write_bytes(b"")
    assert patrol(str(folder), tmp_path / "out", None, "", None, None, draw=True, as_json=False) == 0
    found = lines(tmp_path / "out" / "detections.jsonl")
    assert [line.get("time") for line in found if "error" not in line] == [
        1_790_000_000_000 + 500 * n for n in range(6)
    ]
    assert all(line["ms"] > 0 and line["quality"] == "ok" for line in found if "error" not in line)
    assert [line["file"] for line in found if "error" in line] == [
        "bridge-1790000001200.jpg",
        "bridge-1790000001300.png",
    ]
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["broken"] == 2
    assert len(list((tmp_path / "out" / "frames").iterdir())) == 6
    told = capsys.readouterr().out
    assert "6 pictures, 2 broken" in told
    assert "ms a picture" in told
    assert "per cent of the picture" in told


@pytest.mark.parametrize("stills", [True, False])
def test_single_pictures_are_compared_with_their_own_water(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, stills: bool
) -> None:
    """Two pictures of each of two places, a thing in the first of each: seen at once, and said to be stills."""
    folder = tmp_path / "single"
    folder.mkdir()
    for number in range(4):
        bgr = river.picture(number, (240, 200) if number % 2 == 0 else None)
        bgr = np.ascontiguousarray(bgr if number < 2 else bgr[::-1, :, ::-1])
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
    out = tmp_path / "out"
    assert patrol(str(folder), out, None, "", None, None, draw=False, stills=stills, as_json=False) == 0
    found = lines(out / "detections.jsonl")
    assert [line.get("still", False) for line in found] == [True, stills, True, stills]
    truths = (Box(224, 190, 33, 21), Box(224, river.HEIGHT - 211, 33, 21))
    for line, truth in zip(found[::2], truths, strict=True):
        assert max(truth.overlap(Box(*one["box"])) for one in line["detections"]) > 0.5
    assert lines(out / "events.jsonl") == []
    assert f"{4 if stills else 2} looked at as stills" in capsys.readouterr().out


def test_nothing_that_can_be_looked_at_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"nothing")
    assert patrol(str(tmp_path / "a.jpg"), tmp_path / "out", None, "", None, None, draw=False, as_json=True) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("water = [", "is not TOML"),
        (CAMERA + "min_size_m = 0.0", ":4 min_size_m - = 0.0; expected 0.02 to 50"),
        (CAMERA + 'min_size_m = "large"', ":4 min_size_m - = str; expected float"),
        (CAMERA + "least = 3", ":4 least - = ?; expected no such key"),
        ("min_size_m = 0.3", " water - = nothing; expected a value: it is missing"),
        (CAMERA.replace("[320, 60]", "[9000, 60]"), ":2 water[0].points - = (9000, 60); expected pixels from 0 to 320"),
    ],
)
def test_a_mistake_in_the_camera_file_is_named(folder: Path, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        patrol(str(folder), tmp_path / "out", file, "", None, None, draw=False, as_json=True)
    assert str(file) in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("source", "start", "fps", "said"),
    [
        ("nowhere", "", None, "no such file"),
        ("", "yesterday", None, "--start 'yesterday'"),
        ("", "", 0.0, "--fps 0"),
    ],
)
def test_wrong_use_is_told(folder: Path, tmp_path: Path, source: str, start: str, fps: float | None, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        patrol(source or str(folder), tmp_path / "out", None, start, fps, None, draw=False, as_json=True)


def test_an_empty_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(NoPictures, match="no pictures in it"):
        Recording(tmp_path, Clock(0))


def test_times_come_from_the_rate_where_names_say_none(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(encoded(picture(number)))
    assert [one.time for one in Recording(tmp_path, Clock(7000, 4.0)).pictures()] == [7000, 7250, 7500]


def test_another_place_is_a_cut_and_another_moment_is_none() -> None:
    here, later, light = glance(picture(1)), glance(picture(2, 100)), glance(np.asarray(picture(1) * 0.6, np.uint8))
    elsewhere = glance(np.ascontiguousarray(picture(1)[::-1]))
    assert not cut(here, later)
    assert not cut(here, light)
    assert cut(here, elsewhere)
    assert cut(here, glance(picture(1)[:, :200]))
