"""`docs/howto/add-a-duty-roster.md` is true: its files are imported, its commands say what it says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.commands.running import hub

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "add-a-duty-roster.md").read_text(encoding="utf-8")
FILES = re.findall(r"```(?:csv|toml|text) (\S+)\n(.*?)```", PAGE, re.DOTALL)
SCENES = re.findall(r"```console\n\$ hub (.*?)\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_s_files_and_commands_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, body in FILES:
        Path(name).write_text(re.sub(r"  +#.*", "", body), encoding="utf-8")
    assert len(SCENES) == PAGE.count("```console") == 4
    for command, expected in SCENES:
        done = hub(*shlex.split(command))
        said = done.stderr if expected.startswith("hub: ") else done.stdout
        assert said == expected, (command, done.stderr)
        assert done.returncode == (2 if expected.startswith("hub: ") else 0)
    assert hub("duty", "import", "copy.toml", "--config", "hub.toml").stdout.startswith("3 people")
    ahead = hub("duty", "preflight", "--json", "--config", "hub.toml")
    assert ahead.returncode == 1
    assert {gap["lacks"] for gap in json.loads(ahead.stdout)["gaps"] if gap["area"] == "river"} == set()
