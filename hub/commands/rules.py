"""`hub rules`: checking rule files and trying them on readings, without a running hub."""

import json
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from hub.clock import rfc3339
from hub.commands.app import Json, WrongUse
from hub.errors import ConfigError, Fault
from hub.rule import Rule
from hub.rulefiles import load_rule, load_rules
from processors.replay import batches_of, evaluate, read_csv

_ZONE: Final = "Asia/Shanghai"
_SETTLE_MS: Final = 60_000
Files = Annotated[list[Path], typer.Argument(help="Rule files, or folders of them.")]

commands: Final = typer.Typer(no_args_is_help=True, help="Check rules, and try them on readings.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="rules")


@commands.command("check", epilog="Example: hub rules check rules/")
def check(files: Files, as_json: Json = False) -> int:
    """Name every mistake in rule files (exit 2), or say what the rules are."""
    rules, faults = _load(files)
    if as_json:
        errors = [{"file": one.file, "line": one.line, "key": one.key, "message": one.message} for one in faults]
        print(
            json.dumps({"ok": not faults, "rules": [rule.id for rule in rules], "errors": errors}, ensure_ascii=False)
        )
    else:
        print("\n".join([*(f"{rule.id}: {rule.name_zh or rule.name_en}" for rule in rules), *map(str, faults)]))
    return 2 if faults else 0


@commands.command("test", epilog="Example: hub rules test rules/water-nh3-n.toml --readings july.csv")
def try_out(
    files: Files,
    readings: Annotated[Path, typer.Option(help="CSV with the columns of docs/howto/add-a-rule.md.")],
    zone: Annotated[str, typer.Option(help="IANA zone of schedules and of the times shown.")] = _ZONE,
    as_json: Json = False,
) -> None:
    """What the rules would have said of these readings, transition by transition."""
    rules, faults = _load(files)
    if faults:
        raise ConfigError(faults)
    try:
        rows = read_csv(readings.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, ValueError) as error:
        raise WrongUse(f"{readings}: {error}") from error
    info = ZoneInfo(zone)
    for one in evaluate(rules, batches_of(rows, tail_ms=_SETTLE_MS), zone=zone):
        place = f"{one.target.station()}/{one.target.property or ''}"
        entry = {
            "at": rfc3339(one.at, info),
            "rule": one.rule,
            "target": place,
            "condition": str(one.condition),
            "level": one.level,
            "value": one.value,
            "limit": one.limit,
            "backfilled": one.backfilled,
        }
        line = "{at}  {condition:9} level {level}  {rule:20} {target}  {value} (limit {limit})".format(**entry)
        print(json.dumps(entry, ensure_ascii=False) if as_json else line)


def _load(files: list[Path]) -> tuple[list[Rule], list[Fault]]:
    rules: list[Rule] = []
    faults: list[Fault] = []
    for path in files:
        try:
            rules += load_rules(path) if path.is_dir() else [load_rule(path)]
        except ConfigError as error:
            faults += error.faults
    return rules, faults
