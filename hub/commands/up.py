"""`hub up` and `hub run`: all roles under one supervisor, or one role."""

import os
import subprocess
from typing import Annotated, NoReturn

import typer

from hub.commands.app import Config, Data, WrongUse, settings_of, where_of
from hub.errors import HubError
from hub.roles import PARTS, ROLES, parts_of, run_part
from hub.supervise import Plan
from hub.supervisor import part_command


class NotReady(HubError):
    """The engines could not be made ready."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up", help="Run all roles under one supervisor.", epilog="Example: hub up --config hub.toml")(up)
    app.command(
        "run",
        help="Run one role: ingest, process, serve (or one part of one).",
        epilog="Example: hub run ingest --config hub.toml",
    )(run_role)


def up(config: Config = None, data: Data = None) -> None:
    """Prepare the engines, then run every part until Ctrl-C or SIGTERM."""
    settings = settings_of(config, data)
    where = where_of(config, data)
    prepare(where)
    become_supervisor(where, parts_of(settings))


def run_role(
    role: Annotated[str, typer.Argument(help="ingest, process, serve, or a part: broker, rules, series.")],
    config: Config = None,
    data: Data = None,
) -> int:
    """Run one role in the foreground."""
    settings = settings_of(config, data)
    if role in PARTS:
        parts = [role]
    elif role in ROLES:
        parts = parts_of(settings, (role,))
    else:
        raise WrongUse(f"{role!r}: expected a role ({', '.join(ROLES)}) or a part ({', '.join(PARTS)})")
    if len(parts) > 1:
        become_supervisor(where_of(config, data), parts)
    return run_part(parts[0], settings)


def prepare(where: tuple[str, ...], part: str = "prepare") -> None:
    """Run a part that ends by itself, in a process of its own whose memory goes with it; by default: make the engines ready.

    Raises:
        NotReady: it failed; its own words are on stderr.
    """
    # The pipe stays open while it runs: its end would tell the part that nobody looks after it any more.
    with subprocess.Popen(part_command(part, *where), stdin=subprocess.PIPE) as process:
        status = process.wait()
    if status:
        raise NotReady("the engines could not be made ready; see the lines above")


def become_supervisor(where: tuple[str, ...], parts: list[str]) -> NoReturn:
    """Run these parts; this process, with all it has loaded, becomes their supervisor."""
    command = Plan([(part, part_command(part, *where)) for part in parts]).command()
    os.execv(command[0], command)  # noqa: S606 - our own program
