"""`hub up` and `hub run`: all roles under one supervisor, or one role."""

import subprocess
import sys
from typing import Annotated

import typer

from hub.commands.app import Config, Data, WrongUse, settings_of, where_of
from hub.errors import HubError
from hub.roles import PARTS, ROLES, parts_of, run_part
from hub.supervisor import Supervisor, part_command


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
    supervise(where, parts_of(settings)).run()


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
    if len(parts) == 1:
        return run_part(parts[0], settings)
    supervise(where_of(config, data), parts).run()
    return 0


def prepare(where: tuple[str, ...], part: str = "prepare") -> None:
    """Run a part that ends by itself, in a process of its own whose memory goes with it; by default: make the engines ready.

    Raises:
        NotReady: it failed; its own words are on stderr.
    """
    done = subprocess.run(part_command(part, *where), stdin=subprocess.PIPE, check=False)
    if done.returncode:
        raise NotReady("the engines could not be made ready; see the lines above")


def supervise(where: tuple[str, ...], parts: list[str]) -> Supervisor:
    """A supervisor of these parts."""
    supervisor = Supervisor(lambda sentence: print(f"hub: {sentence}", file=sys.stderr))
    for part in parts:
        supervisor.add(part, part_command(part, *where))
    return supervisor
