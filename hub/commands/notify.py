"""`hub notify`: who is told, and a test of each way, from the command line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import msgspec
import typer

from alerts.budget import Allowance
from alerts.channels import open_channels
from alerts.telling import Site
from alerts.trial import NoSuchReceiver, Trials
from hub.clock import SystemClock
from hub.commands.app import Config, Data, Json, WrongUse, settings_of
from hub.commands.opened import opened
from hub.settings import Settings

_ACTOR: Final = "command line"

commands: Final = typer.Typer(no_args_is_help=True, help="Who is told of incidents.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="notify")


@commands.command("list", epilog="Example: hub notify list --config hub.toml")
def listing(config: Config = None, data: Data = None, as_json: Json = False) -> None:
    """The receivers of the settings, what waits for them, and what their vendors said last."""
    with opened(config, data) as (settings, records), _trials(settings) as trials, records.read() as tx:
        found = trials.listing(tx)
    for each in found:
        last = each.last_error or each.last_delivery
        said = f"{last.status} {last.answer}" if last else ""
        line = f"{each.name:24} {each.channel:16} {len(each.addresses):>3} {each.waiting:>5} waiting  {said}"
        print(json.dumps(msgspec.to_builtins(each), ensure_ascii=False) if as_json else line)


@commands.command("test", epilog="Example: hub notify test duty-group --config hub.toml")
def try_receiver(
    name: Annotated[str, typer.Argument(help="The receiver's name.")],
    place: Annotated[int, typer.Option(help="Which of its addresses, counted from 1.")] = 1,
    config: Config = None,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """Send a test notice now and print what the vendor said; exit 1 when it was not taken."""
    settings = settings_of(config, data)
    try:
        with _trials(settings) as trials:
            tried = trials.test(name, _ACTOR, place)
    except NoSuchReceiver as error:
        raise WrongUse(str(error)) from error
    words = f"{tried.receiver} {tried.address}: {tried.status} {tried.answer} {tried.vendor_id}".strip()
    print(json.dumps(msgspec.to_builtins(tried), ensure_ascii=False) if as_json else words)
    return 0 if tried.taken else 1


@contextmanager
def _trials(settings: Settings) -> Iterator[Trials]:
    """The receivers with their channels, until the block ends."""
    channels = open_channels(settings)
    receivers = [each for channel in channels.values() for each in channel.receivers()]
    try:
        yield Trials(channels, Allowance(receivers), Site.of(settings), SystemClock())
    finally:
        for channel in channels.values():
            channel.close()
