"""The command line as a person meets it: it does what its help says, explains what is wrong, and shows no traceback."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from alerts.practice import Practice
from hub.commands.init import TEMPLATE
from hub.config import parse_settings
from tests.commands.running import hub


def test_a_new_hub_is_made_checked_and_given_people_and_devices(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    assert hub("init", str(folder)).returncode == 0
    assert oct((folder / "secrets" / "mqtt").stat().st_mode & 0o777) == "0o600"
    config = ("--config", str(folder / "hub.toml"))
    checked = hub("check", str(folder / "hub.toml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "no errors" in checked.stdout

    added = hub("devices", "add", "district/water/W01", "--period", "300", "--json", *config)
    assert json.loads(added.stdout)["user"] == "district/water/W01"
    again = hub("devices", "add", "district/water/W01", *config)
    assert again.returncode == 2
    assert "--new-secret" in again.stderr
    assert "district/water/W01" in hub("devices", "list", *config).stdout

    token = json.loads(hub("token", "create", "bureau", "--json", *config).stdout)
    assert token["id"] in hub("token", "list", *config).stdout
    assert token["token"] not in hub("token", "list", *config).stdout
    assert hub("token", "revoke", token["id"], *config).returncode == 0
    assert "password" in hub("user", "add", "wang", *config).stdout
    assert hub("user", "add", "wang", *config).returncode == 2
    assert "password" not in hub("user", "reset-password", "wang", *config, given="a-long-password\n").stdout


def test_every_key_that_the_new_configuration_shows_is_one_of_the_settings() -> None:
    shown = re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", TEMPLATE)
    settings, faults = parse_settings(shown, "hub.toml")
    assert not faults, faults
    assert settings is not None
    assert settings.hub.duty_phone
    assert settings.serve.public_url
    assert settings.patrol.passwords
    assert Practice.of(settings.incidents).budgets[1].ack_s == 300
    for key in ("workers", "keep_days", "levels", "auto_verify", "geofence_m", "contracts"):
        assert key in TEMPLATE


def test_a_file_of_devices_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "stations.csv"
    file.write_text(
        "station,name_zh,period_s,target_class\nd/water/A,甲站,60,\nd/fire/B,乙站,60,\nd/water/C,丙站,often,\nd/water/D,丁站,60,VI\n",
        encoding="utf-8",
    )
    refused = hub("devices", "import", str(file), "--data", str(tmp_path / "data"))
    assert refused.returncode == 2
    assert "stations.csv:3" in refused.stderr
    assert "stations.csv:4" in refused.stderr
    assert "stations.csv:5 d/water/D - target_class 'VI': expected water_body river or lake" in refused.stderr
    assert hub("devices", "list", "--data", str(tmp_path / "data")).stdout == ""
    file.write_text(
        "station,name_zh,period_s,water_body,target_class\nd/water/A,甲站,60,lake,II\nd/water/B,乙站,60,,\n",
        encoding="utf-8",
    )
    secrets = tmp_path / "secrets.csv"
    taken = hub("devices", "import", str(file), "--secrets", str(secrets), "--data", str(tmp_path / "data"))
    assert "2 devices, 2 of them new" in taken.stdout
    assert len(secrets.read_text(encoding="utf-8").splitlines()) == 3
    first = hub("devices", "list", "--json", "--data", str(tmp_path / "data")).stdout.splitlines()[0]
    assert {"water_body": "lake", "target_class": "II"}.items() <= json.loads(first).items()


def test_frames_are_decoded_line_by_line_and_a_bad_one_stops_nothing(tmp_path: Path) -> None:
    file = tmp_path / "frames"
    file.write_text(
        '{"ts": 1767225600000, "values": {"ph": 7.1}}\n{broken\n{"ts": 1767225600000, "values": {"ph": 7.2}}\n',
        encoding="utf-8",
    )
    done = hub("decode", "telemetry", str(file))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["ok"] for answer in answers] == [True, False, True]
    assert answers[1]["reason"] == "bad_format"
    assert done.returncode == 1


def test_frames_of_field_protocols_are_decoded_from_hexadecimal_in_one_piece_or_in_pairs() -> None:
    frame = "7E7E01001234567812342F0008020003591011155111036BCA"
    pairs = " ".join(frame[place : place + 2] for place in range(0, len(frame), 2)).lower()
    done = hub("decode", "sl651", given=f"{frame}\r\n\n{pairs}\n{frame[:-4]}0000\nnone\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer.get("reason", answer.get("fields", {}).get("func")) for answer in answers] == [
        "2FH",
        "2FH",
        "bad_crc",
        "bad_format",
    ]
    assert done.returncode == 1


def test_rules_are_tried_on_readings_without_a_hub(tmp_path: Path) -> None:
    rule = tmp_path / "high.toml"
    rule.write_text('targets = ["*/water/*"]\nproperty = "ph"\n[above]\n2 = 9.0\n', encoding="utf-8")
    readings = tmp_path / "readings.csv"
    lines = [
        f"d,water,W1,ph,2026-11-23T10:0{minute}:00+08:00,{value}" for minute, value in enumerate((7.0, 9.5, 9.6, 7.1))
    ]
    readings.write_text("\n".join(["department,kind,device,property,time,value", *lines]) + "\n", encoding="utf-8")
    done = hub("rules", "test", str(rule), "--readings", str(readings), "--json")
    said = [json.loads(line)["condition"] for line in done.stdout.splitlines()]
    assert said == ["active", "cleared"], done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("up",), "no ./hub.toml here"),
        (("up", "--config", "absent.toml"), "cannot be read"),
        (("run", "cook", "--data", "data"), "expected a role"),
        (("decode", "morse"), "expected one of"),
        (("devices", "add", "nowhere", "--data", "data"), "expected DEPARTMENT/KIND/DEVICE"),
        (("simulate", "demo", "--broker", "http://broker"), "mqtt://"),
        (("dead-letters", "show", "7", "--data", "data"), "no dead letter 7"),
        (("token", "create", "x", "--role", "king", "--data", "data"), "expected viewer, officer or admin"),
    ],
)
def test_wrong_use_is_explained_with_status_two(
    words: tuple[str, ...], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = hub(*words)
    assert done.returncode == 2, done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_rule_file_with_mistakes_is_part_of_the_check(tmp_path: Path) -> None:
    hub("init", str(tmp_path))
    (tmp_path / "rules" / "wrong.toml").write_text('property = "ph"\nabov = 3\n', encoding="utf-8")
    done = hub("check", str(tmp_path / "hub.toml"), "--json")
    assert done.returncode == 2
    assert any("abov" in error["key"] + error["message"] for error in json.loads(done.stdout)["errors"])


def test_the_doctor_takes_no_secrets_along(tmp_path: Path) -> None:
    data = tmp_path / "data"
    added = json.loads(hub("devices", "add", "d/water/W1", "--json", "--data", str(data)).stdout)
    (data / "logs").mkdir(exist_ok=True)
    (data / "logs" / "ingest.log").write_text(
        '{"password": "geheim", "url": "mqtt://hub:geheim@host"}\n', encoding="utf-8"
    )
    out = tmp_path / "doctor.zip"
    assert hub("doctor", "--data", str(data), "--out", str(out)).returncode == 0
    with zipfile.ZipFile(out) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "geheim" not in text
    assert added["secret"] not in text
    assert '"devices": 1' in text


def test_every_command_has_help_with_an_example() -> None:
    listed = hub("--help").stdout
    for command in ("demo", "init", "check", "doctor", "up", "run", "simulate", "decode"):
        assert command in listed
        shown = hub(command, "--help").stdout
        assert "Example:" in shown, command


def test_the_module_is_the_command() -> None:
    command = (sys.executable, "-m", "hub", "decode", "morse")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("hub: ")
