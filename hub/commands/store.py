"""`hub store`: whether the embedded series store is whole, and giving its dead space back."""

import json
from typing import Annotated

import typer

from hub.commands.app import Config, Data, Json, WrongUse, settings_of
from hub.settings import Settings
from storage.chunks.check import check as find_damage
from storage.chunks.space import compact as rewrite

commands = typer.Typer(no_args_is_help=True, help="Check and compact the embedded series store.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="store")


@commands.command("check", epilog="Example: hub store check --config hub.toml")
def check(
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what is wrong.")] = False,
    config: Config = None,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """Read all of the store, beside a running hub or without one, and name what is damaged (exit 1)."""
    settings = _embedded(settings_of(config, data))
    found = find_damage(settings.hub.data, None if quiet or as_json else _say)
    if as_json:
        print(json.dumps({"ok": not found, "damage": found}, ensure_ascii=False))
    else:
        print("\n".join(found) if found else "whole")
    return 1 if found else 0


@commands.command("compact", epilog="Example: hub store compact --config hub.toml")
def compact(config: Config = None, data: Data = None) -> None:
    """Rewrite the store without dead space, while no hub runs; it needs as much free disk as the store takes."""
    before, after = rewrite(_embedded(settings_of(config, data)).hub.data)
    print(f"{before / 1e6:.1f} MB before, {after / 1e6:.1f} MB after")


def _embedded(settings: Settings) -> Settings:
    if not settings.engines.series.startswith("embedded:"):
        raise WrongUse(f"engines.series is {settings.engines.series.split('?')[0]}; that engine has tools of its own")
    return settings


def _say(what: str) -> None:
    typer.echo(what, err=True)
