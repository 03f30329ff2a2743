"""A rule put over the API also becomes its file, so that folder and database say the same."""

import contextlib
from pathlib import Path

from api.problem import Problem
from api.rule_body import file_of
from hub.errors import ConfigError
from hub.files import write_atomic
from hub.rule import Rule
from hub.rulefiles import load_rule


def keep_rule(folder: Path, rule: Rule) -> None:
    """Write the rule's file: the one that has it, else `ID.toml`.

    Raises:
        Problem: `unavailable` when the folder cannot be written.
    """
    path = _file_with(folder, rule.id) or folder / f"{rule.id}.toml"
    try:
        write_atomic(path, file_of(rule).encode())
    except OSError as error:
        raise _unwritable(path, error) from error


def unkeep_rule(folder: Path, rule_id: str) -> None:
    """Take the rule's file away where there is one.

    Raises:
        Problem: `unavailable` when that cannot be done.
    """
    path = _file_with(folder, rule_id)
    try:
        if path is not None:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path or folder, error) from error


def _file_with(folder: Path, rule_id: str) -> Path | None:
    for path in sorted(folder.glob("*.toml")):
        with contextlib.suppress(ConfigError):
            if load_rule(path).id == rule_id:
                return path
    return None


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        "unavailable", f"{path.name} cannot be written: {error.strerror}", zh=f"无法写入规则文件 {path.name}"
    )
