"""A rule put over the API also becomes its file, so that folder and database say the same."""

from pathlib import Path

from hub.rule import Rule


def keep_rule(folder: Path, rule: Rule) -> None:
    """Write the rule's file."""


def unkeep_rule(folder: Path, rule_id: str) -> None:
    """Take the rule's file away."""
