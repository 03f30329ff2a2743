"""`hub verify` as people and programs use it."""

import json
from pathlib import Path

from tests.commands.running import hub
from tests.proof.casefile import District


def test_a_whole_case(case: bytes, standing_district: District, tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    file.write_bytes(case)
    key = standing_district.maker.seal.public
    done = hub("verify", str(file), "--key", key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("OK   incident north-")
    assert "the key that was given" in done.stdout
    told = json.loads(hub("verify", str(file), "--json").stdout)
    assert (told["ok"], told["bad"], told["key"], told["pinned"]) == (True, [], key, False)


def test_the_key_may_lie_in_a_file(case: bytes, standing_district: District, tmp_path: Path) -> None:
    file, key = tmp_path / "case.zip", tmp_path / "hub.key"
    file.write_bytes(case)
    key.write_text(standing_district.maker.seal.public + "\n")
    assert hub("verify", str(file), "--key", str(key)).returncode == 0


def test_a_touched_case_is_1_and_says_where(case: bytes, tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    at = case.index(b'"actor":"li"') + 9
    file.write_bytes(case[:at] + b"w" + case[at + 1 :])
    done = hub("verify", str(file))
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith("BAD  case.json, log 2: its fields are not those of its hash")
    told = json.loads(hub("verify", str(file), "--json").stdout)
    assert (told["ok"], told["bad"][0]["entry"], told["bad"][0]["field"]) == (False, 2, "log")
    assert any(bad["offset"] == at for bad in told["bad"])


def test_wrong_use_is_2(tmp_path: Path) -> None:
    assert hub("verify", str(tmp_path / "none.zip")).returncode == 2
    file = tmp_path / "case.zip"
    file.write_bytes(b"")
    done = hub("verify", str(file), "--key", "no key")
    assert done.returncode == 2
    assert "GET /v1/proof/key" in done.stderr
