"""`docs/howto/add-a-camera.md` is true: its settings are settings, its source is one, and its words are those of the code."""

import json
import re
from pathlib import Path

from api.patrol.site import CameraBody, source_of
from hub.config import parse_settings
from hub.pictures import SCHEMES, CameraFault

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "add-a-camera.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_its_settings_and_its_source_are_taken_as_they_stand() -> None:
    settings, faults = parse_settings(block("toml"), "hub.toml")
    assert not faults
    assert settings is not None
    body = CameraBody.model_validate(json.loads(block("json")))
    source = source_of(body.source)
    assert source.password in settings.patrol.passwords
    assert source.with_password("s3cret") == "rtsp://viewer:s3cret@10.20.0.7:554/sub"


def test_it_names_every_scheme_and_every_reason_of_loss() -> None:
    for scheme in SCHEMES:
        assert f"`{scheme}://" in PAGE
    told = set(PAGE.split("the reason: `")[1].split("`")[0].split())
    assert told == {fault.value for fault in CameraFault} - {"size_changed", "clock"}


def test_what_it_says_of_settings_can_be_set() -> None:
    said = 'keep_days = { frame = 30 }\ndisk_alarm = 0.2\nlevels."water.colour" = 2\nlevels."camera.degraded" = 0\n'
    assert parse_settings(f"[patrol]\nenabled = false\n{said}", "hub.toml")[1] == []
