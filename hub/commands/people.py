"""`hub user` and `hub token`: people and programs that may use the hub."""

import getpass
import json
import secrets
import sys
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import typer

from hub.clock import SystemClock, parse_rfc3339
from hub.commands.app import Config, Data, Json, WrongUse
from hub.commands.opened import opened
from storage.records import access
from storage.records.users import add_user, list_users, reset_password

Answer = TypeVar("Answer")

_ACTOR: Final = "command line"
user_commands: Final = typer.Typer(no_args_is_help=True, help="People who log in.")
token_commands: Final = typer.Typer(no_args_is_help=True, help="Tokens of programs.")
RoleOption = Annotated[str, typer.Option(help="viewer, officer or admin.")]
DepartmentOption = Annotated[str | None, typer.Option(help="Only this department.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(user_commands, name="user")
    app.add_typer(token_commands, name="token")


@user_commands.command("add", epilog="Example: hub user add wang --role officer --config hub.toml")
def add(
    name: str,
    role: RoleOption = "officer",
    department: DepartmentOption = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Add a person; the password is asked, or read from standard input, or made up and printed once."""
    password, made = _password()
    with opened(config, data) as (_, records), records.begin() as tx:
        added = _said(
            lambda: add_user(
                tx, name, password, _role(role), actor=_ACTOR, at=SystemClock().now(), department=department
            )
        )
    if not added:
        raise WrongUse(f"there is a user {name!r} already; `hub user reset-password {name}` gives a new password")
    print(f"user     {name}" + (f"\npassword {password}" if made else ""))


@user_commands.command("reset-password", epilog="Example: hub user reset-password wang --config hub.toml")
def reset(name: str, config: Config = None, data: Data = None) -> None:
    """Give a person a new password; their sessions end."""
    password, made = _password()
    with opened(config, data) as (_, records), records.begin() as tx:
        done = _said(lambda: reset_password(tx, name, password, actor=_ACTOR, at=SystemClock().now()))
    if not done:
        raise WrongUse(f"there is no user {name!r}")
    print(f"user     {name}" + (f"\npassword {password}" if made else ""))


@user_commands.command("list", epilog="Example: hub user list --config hub.toml")
def users(config: Config = None, data: Data = None) -> None:
    """Everybody who may log in."""
    with opened(config, data) as (_, records), records.read() as tx:
        for user in list_users(tx):
            print(f"{user.name:24} {user.role:8} {user.department or 'all departments'}")


@token_commands.command("create", epilog="Example: hub token create bureau --role viewer --config hub.toml")
def create(
    name: str,
    role: RoleOption = "viewer",
    department: DepartmentOption = None,
    expires: Annotated[str | None, typer.Option(help="RFC 3339 with offset.")] = None,
    config: Config = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it, once."""
    end = _said(lambda: parse_rfc3339(expires)) if expires else None
    with opened(config, data) as (_, records), records.begin() as tx:
        token_id, secret = access.create_token(
            tx, name, _role(role), actor=_ACTOR, at=SystemClock().now(), department=department, expires=end
        )
    print(json.dumps({"id": token_id, "token": secret}) if as_json else f"id    {token_id}\ntoken {secret}")


@token_commands.command("list", epilog="Example: hub token list --config hub.toml")
def tokens(config: Config = None, data: Data = None) -> None:
    """Every token, without its secret."""
    with opened(config, data) as (_, records), records.read() as tx:
        for row in access.list_tokens(tx):
            state = "revoked" if row.revoked else "valid"
            print(f"{row.id}  {row.name:24} {row.role:8} {row.department or 'all departments':20} {state}")


@token_commands.command("revoke", epilog="Example: hub token revoke 1f2e3d4c5b6a --config hub.toml")
def revoke(token_id: str, config: Config = None, data: Data = None) -> None:
    """End a token."""
    with opened(config, data) as (_, records), records.begin() as tx:
        if not access.revoke_token(tx, token_id, actor=_ACTOR, at=SystemClock().now()):
            raise WrongUse(f"no valid token has the id {token_id!r}; `hub token list` shows them")
    print(f"{token_id} revoked")


def _password() -> tuple[str, bool]:
    if sys.stdin is not None and sys.stdin.isatty():
        given = getpass.getpass("Password (empty: make one up): ")
    else:
        given = sys.stdin.readline().strip() if sys.stdin is not None else ""
    return (given, False) if given else (secrets.token_urlsafe(12), True)


def _role(word: str) -> access.Role:
    for role in ("viewer", "officer", "admin"):
        if word == role:
            return role
    raise WrongUse(f"role {word!r}: expected viewer, officer or admin")


def _said(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except ValueError as error:
        raise WrongUse(str(error)) from error
