"""`docs/howto/add-a-camera.md` is true: its settings are settings, its source is one, and its words are those of the code."""

import json
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from api.patrol.site import CameraBody, source_of
from hub.config import parse_settings
from hub.pictures import SCHEMES, CameraFault
from storage.records import open_records
from storage.records.patrol import cameras
from storage.records.register import get_device
from vision.camera import read_camera
from vision.site import Flow

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "add-a-camera.md").read_text(encoding="utf-8")


def block(language: str, word: str = "") -> str:
    """The first block of a language that says a word."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if word in text]
    assert found
    return str(found[0])


def registered(tmp_path: Path, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    """What `hub devices add` says of a camera file, in a hub with the page's passwords."""
    (tmp_path / "hub.toml").write_text('[hub]\ndistrict = "zhenhai"\n\n' + block("toml", "[patrol]"))
    file = tmp_path / "bridge-1.toml"
    file.write_text(text)
    command = ["hub", "devices", "add", "zhenhai/camera/bridge-1", "--camera", str(file)]
    config = ["--config", str(tmp_path / "hub.toml"), *more]
    return subprocess.run([sys.executable, "-m", *command, *config], capture_output=True, text=True, check=False)


def test_its_settings_and_its_source_are_taken_as_they_stand() -> None:
    settings, faults = parse_settings(block("toml", "[patrol]"), "hub.toml")
    assert not faults
    assert settings is not None
    body = CameraBody.model_validate(json.loads(block("json")))
    source = source_of(body.source)
    assert source.password in settings.patrol.passwords
    assert source.with_password("s3cret") == "rtsp://viewer:s3cret@10.20.0.7:554/sub"


def test_its_camera_file_registers_a_camera_and_sets_it_up(tmp_path: Path) -> None:
    source = block("toml", "[source]")
    first = registered(tmp_path, source, "--json")
    assert json.loads(first.stdout)["user"] == "zhenhai/camera/bridge-1"
    again = registered(tmp_path, block("toml", "[[water]]") + source)
    assert again.stdout == "camera set-up 2, in metres, pictures rtsp://viewer@10.20.0.7:554/sub\n"
    with closing(open_records("sqlite:///hub.db", tmp_path / "data")) as records, records.read() as tx:
        stored = cameras.get(tx, "zhenhai/camera/bridge-1")
    assert stored is not None
    assert read_camera(stored.body).flow == Flow(90, 0.4)
    assert (stored.source.password, stored.source.every_s) == ("bridge", 0.5)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("[0, 250], [1280, 250]", "[0, 10], [1280, 10]", "above the horizon"),
        ('password = "bridge"', 'password = "lock"', "source.password 'lock': expected a name in [patrol.passwords]"),
        ("every_s = 0.5", 'every_s = "often"', "source.every_s"),
        ("rtsp://viewer@", "rtsp://viewer:secret@", "bridge-1.toml"),
        ("width = 1280", "", "width"),
    ],
)
def test_a_mistake_in_it_is_named_and_nothing_is_registered(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    text = block("toml", "[[water]]") + block("toml", "[source]")
    assert wrong in text
    refused = registered(tmp_path, text.replace(wrong, right))
    assert refused.returncode == 2, refused.stderr
    assert said in refused.stderr
    assert "secret" not in refused.stdout + refused.stderr.replace("viewer:secret", "")
    (tmp_path / "data").mkdir(exist_ok=True)
    with closing(open_records("sqlite:///hub.db", tmp_path / "data")) as records:
        records.migrate()
        with records.read() as tx:
            assert get_device(tx, "zhenhai/camera/bridge-1") is None


def test_it_names_every_scheme_and_every_reason_of_loss() -> None:
    for scheme in SCHEMES:
        assert f"`{scheme}://" in PAGE
    told = set(PAGE.split("the reason: `")[1].split("`")[0].split())
    assert told == {fault.value for fault in CameraFault} - {"size_changed", "clock"}


def test_what_it_says_of_settings_can_be_set() -> None:
    said = 'keep_days = { frame = 30 }\ndisk_alarm = 0.2\nlevels."water.colour" = 2\nlevels."camera.degraded" = 0\n'
    assert parse_settings(f"[patrol]\nenabled = false\n{said}", "hub.toml")[1] == []
