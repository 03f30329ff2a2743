"""`hub dead-letters`: what could not be taken, from the command line."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from hub.buses import open_bus
from hub.clock import SystemClock, rfc3339
from hub.commands.app import Config, Data, Json, WrongUse
from hub.commands.opened import opened
from hub.settings import Settings
from ingest.role import open_intake
from storage.records import Records, dead_letters
from storage.records.dead_letters import StoredLetter

_ACTOR: Final = "command line"
LetterId = Annotated[int, typer.Argument(metavar="ID")]

commands: Final = typer.Typer(no_args_is_help=True, help="Messages that could not be taken.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="dead-letters")


@commands.command("list", epilog="Example: hub dead-letters list --state kept --config hub.toml")
def listing(
    state: Annotated[str | None, typer.Option(help="kept, retried or dropped (default: all).")] = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, newest first.")] = 100,
    config: Config = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Dead letters, newest first."""
    with opened(config, data) as (settings, records), records.read() as tx:
        page = dead_letters.listing(tx, state=state, reason=reason, limit=limit)
    for letter in page.items:
        entry = _entry(letter, settings)
        line = "{id:>6}  {received}  {state:8} {reason:18} {topic}  {detail}".format(**entry)
        print(json.dumps(entry, ensure_ascii=False) if as_json else line)


@commands.command("show", epilog="Example: hub dead-letters show 7 --out message.bin --config hub.toml")
def show(
    letter_id: LetterId,
    out: Annotated[Path | None, typer.Option(help="Write the bytes to this file.")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Why one was not taken, and its bytes."""
    with opened(config, data) as (settings, records):
        letter, payload = _found(records, letter_id)
    for name, value in _entry(letter, settings).items():
        print(f"{name:9} {value}")
    if out is not None:
        out.write_bytes(payload)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(payload + b"\n")


@commands.command("retry", epilog="Example: hub dead-letters retry 7 --config hub.toml")
def retry(letter_id: LetterId, config: Config = None, data: Data = None, as_json: Json = False) -> int:
    """Give the same bytes to the same intake again; exit 1 when they are refused again."""
    clock = SystemClock()
    with opened(config, data) as (settings, records):
        letter, payload = _kept(records, letter_id)
        with closing(open_bus(settings.engines.bus, settings.hub.data)) as bus:
            intake, follower = open_intake(settings, bus, clock, "command-line")
            with closing(follower):
                receipt = intake.take_now(
                    letter.topic, payload, source=letter.source, received=letter.received, retried=str(letter_id)
                )
        with records.begin() as tx:
            dead_letters.mark_retried(tx, letter_id, actor=_ACTOR, at=clock.now())
    refused = [f"{reason}: {detail}" for reason, detail in receipt.refusals]
    if as_json:
        print(json.dumps({"id": letter_id, "values": receipt.values, "events": receipt.events, "refused": refused}))
    else:
        print(f"{letter_id} taken: {receipt.values} values, {receipt.events} events, {receipt.pictures} pictures")
        print("\n".join(f"refused again: {line}" for line in refused), end="\n" if refused else "")
    return 1 if refused else 0


@commands.command("drop", epilog="Example: hub dead-letters drop 7 --config hub.toml")
def drop(letter_id: LetterId, config: Config = None, data: Data = None) -> None:
    """Decide that one is not needed; it stays listed as dropped."""
    with opened(config, data) as (_, records):
        _kept(records, letter_id)
        with records.begin() as tx:
            dead_letters.mark_dropped(tx, letter_id, actor=_ACTOR, at=SystemClock().now())
    print(f"{letter_id} dropped")


def _found(records: Records, letter_id: int) -> tuple[StoredLetter, bytes]:
    with records.read() as tx:
        letter, payload = dead_letters.get(tx, letter_id), dead_letters.get_bytes(tx, letter_id)
    if letter is None or payload is None:
        raise WrongUse(f"there is no dead letter {letter_id}; `hub dead-letters list` shows them")
    return letter, payload


def _kept(records: Records, letter_id: int) -> tuple[StoredLetter, bytes]:
    letter, payload = _found(records, letter_id)
    if letter.state != "kept":
        raise WrongUse(f"dead letter {letter_id} was {letter.state} before")
    return letter, payload


def _entry(letter: StoredLetter, settings: Settings) -> dict[str, Any]:
    return {
        "id": letter.id,
        "received": rfc3339(letter.received, ZoneInfo(settings.hub.zone)),
        "state": letter.state,
        "source": letter.source,
        "topic": letter.topic,
        "reason": letter.reason,
        "detail": letter.detail,
        "size": letter.size,
    }
