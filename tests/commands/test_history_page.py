"""`docs/howto/import-history.md` is true: its files are imported, its commands say what it says."""

import re
import shlex
from pathlib import Path

import pytest

from tests.commands.running import hub

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "import-history.md").read_text(encoding="utf-8")
FILES = re.findall(r"```(?:csv|toml) (\S+)\n(.*?)```", PAGE, re.DOTALL)
SCENES = re.findall(r"```console\n\$ hub (.*?)\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_s_files_and_commands_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, body in FILES:
        (tmp_path / name).write_text(body, encoding="utf-8")
    assert len(SCENES) == PAGE.count("```console") >= 5
    for command, expected in SCENES:
        done = hub(*shlex.split(command))
        assert done.stdout.replace("\r\n", "\n") == expected, (command, done.stderr)
        assert done.returncode == (2 if "mistakes" in expected else 0)
