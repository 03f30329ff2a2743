"""Rule files: the shipped ones are right, the how-to's example is true, and every mistake is named with its line."""

import re
from pathlib import Path

import pytest

from hub.errors import ConfigError
from hub.rule import Rule, Schedule, Selector
from hub.rulefiles import load_rules, parse_rule

ROOT = Path(__file__).parents[2]
BAD = """id = "X"
proprety = "ph"
property = "phh"
targets = ["*/water"]
on_delay = 10
off_delay = "10 minutes"
deadband = -1
accept = ["Z"]

[above]
3 = 9.0
2 = 8.0
7 = 1
[schedule]
days = [8]
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_rule(text, "bad.toml", "bad")
    return [str(fault) for fault in caught.value.faults]


def test_the_shipped_rules_are_right_and_have_names_in_both_languages() -> None:
    rules = load_rules(ROOT / "hub" / "rules")
    assert len(rules) >= 12
    assert all(rule.name_zh and rule.name_en for rule in rules)
    assert {"water", "air", "source", "vehicle", "*"} == {target.kind for rule in rules for target in rule.targets}


def test_the_how_to_s_example_is_a_rule() -> None:
    page = (ROOT / "docs" / "howto" / "add-a-rule.md").read_text(encoding="utf-8")
    level, named, silence = (
        parse_rule(text, "page", "page") for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    )
    assert level == Rule(
        "outlet-ph",
        1,
        "level",
        (Selector("env", "source", "outlet-*"),),
        "排口pH超标",
        "Outlet pH out of range",
        "ph",
        {3: 9.0, 1: 11.0},
        {3: 6.0},
        0.1,
        600_000,
        300_000,
        ("", "N", "T"),
        Schedule((1, 2, 3, 4, 5), 480, 1080),
    )
    assert (named.property, named.limits) == ("nh3_n", {4: "gb3838:III", 2: "gb3838:V"})
    assert (silence.kind, silence.periods, silence.silence_level) == ("silence", 5.0, 3)


def test_every_mistake_is_named_at_once_with_line_key_and_expected_form() -> None:
    found = faults(BAD)
    assert [re.match(r"bad\.toml:(\d+) (\w+)", fault)[0] for fault in found] == [  # type: ignore[index]
        "bad.toml:1 id",
        "bad.toml:2 proprety",
        "bad.toml:3 property",
        "bad.toml:4 targets",
        "bad.toml:5 on_delay",
        "bad.toml:6 off_delay",
        "bad.toml:7 deadband",
        "bad.toml:8 accept",
        "bad.toml:10 above",
        "bad.toml:14 schedule",
    ]
    assert "did you mean 'property'?" in found[1]
    assert "did you mean 'ph'?" in found[2]
    assert '"90s"' in found[4]


def test_a_worse_level_must_lie_further_out() -> None:
    (fault,) = faults('targets = ["*/*/*"]\nproperty = "ph"\n[below]\n1 = 6\n2 = 5\n')
    assert fault.startswith("bad.toml:3 below - a worse level")


def test_a_level_rule_needs_a_limit_and_a_listed_property() -> None:
    assert any("needs a limit" in fault for fault in faults('targets = ["*/*/*"]\nproperty = "ph"\n'))
    assert any(
        "unlisted = true" in fault for fault in faults('targets = ["*/*/*"]\nproperty = "zzz"\n[above]\n1 = 1\n')
    )
    own = parse_rule('targets = ["*/*/*"]\nproperty = "zzz"\nunlisted = true\n[above]\n1 = 1\n', "own.toml", "own")
    assert own.property == "zzz"


def test_what_is_not_toml_names_its_line() -> None:
    (fault,) = faults('targets = ["*/*/*"]\nproperty = \n')
    assert fault.startswith("bad.toml:2 is not TOML")


def test_two_files_with_one_id_are_a_mistake_and_all_files_are_told_at_once(tmp_path: Path) -> None:
    text = 'kind = "silence"\nid = "same"\ntargets = ["*/*/*"]\n'
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / "b.toml").write_text(text)
    (tmp_path / "c.toml").write_text("wrong = 1\n")
    with pytest.raises(ConfigError) as caught:
        load_rules(tmp_path)
    assert {Path(fault.file).name for fault in caught.value.faults} == {"b.toml", "c.toml"}
