"""`hub duty`: people, rosters and plans as files, and the look ahead."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from alerts.people import files, keeping, lookout
from alerts.people.keeping import Unfit
from alerts.people.preflight import Gap, look_ahead
from hub.clock import SystemClock, rfc3339
from hub.commands.app import Config, Data, Json, WrongUse
from hub.commands.opened import opened
from hub.files import write_private
from storage.zones import zone_of

_ACTOR: Final = "command line"
_SHOWN: Final = 3
commands: Final = typer.Typer(no_args_is_help=True, help="People, duty rosters and plans of escalation.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="duty")


@commands.command("import", epilog="Example: hub duty import people.csv duty.toml river.ics --config hub.toml")
def import_files(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="TOML (everything), CSV (people), iCalendar (the roster of that name)."),
    ],
    config: Config = None,
    data: Data = None,
) -> None:
    """Write down what the files say, all of it or nothing: every mistake is named at once."""
    with opened(config, data) as (settings, records), records.begin() as tx:
        book = keeping.shelf_of(settings).book(tx)
        things = files.read_files(book, paths)
        try:
            keeping.put_all(tx, book, things, actor=_ACTOR, at=SystemClock().now())
        except Unfit as error:
            raise WrongUse(str(error)) from error
    counted = {sort: sum(keeping.sort_of(thing) == sort for thing in things) for sort in files.TABLES.values()}
    print(", ".join(f"{count} {table}" for table, count in zip(files.TABLES, counted.values(), strict=True) if count))


@commands.command("export", epilog="Example: hub duty export duty.toml --config hub.toml")
def export_file(
    path: Annotated[Path, typer.Argument(help="duty.toml (everything), people.csv, or ROSTER.ics (its next 90 days).")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Write people, rosters and plans into a file that `hub duty import` reads; only its owner may read it."""
    now = SystemClock().now()
    with opened(config, data) as (settings, records), records.read() as tx:
        book = keeping.shelf_of(settings).book(tx)
    match path.suffix.lower():
        case ".toml":
            text = files.to_toml(book)
        case ".csv":
            text = files.to_csv(book)
        case ".ics" if path.stem in book.rosters:
            text = files.to_calendar(book, path.stem, now).decode()
        case ".ics":
            raise WrongUse(f"there is no roster {path.stem!r}; expected one of {', '.join(book.rosters) or '(none)'}")
        case _:
            raise WrongUse(f"{path.name}: expected a file .toml, .csv or .ics")
    write_private(path, text)


@commands.command("preflight", epilog="Example: hub duty preflight --config hub.toml")
def preflight(config: Config = None, data: Data = None, as_json: Json = False) -> None:
    """Whether two people can be reached in every hour of the next 14 days; exit 1 where they cannot."""
    now = SystemClock().now()
    with opened(config, data) as (settings, records), records.read() as tx:
        book = keeping.shelf_of(settings).book(tx)
        found = look_ahead(book, now, lookout.types_of(book))
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        zone = settings.hub.zone
        for gap in found.gaps:
            print(_said(gap, zone))
        print(f"{found.checked} areas, types and levels looked at, {len(found.gaps)} warnings")
    if found.gaps:
        raise typer.Exit(1)


def _said(gap: Gap, zone: str) -> str:
    info = zone_of(zone)
    where = gap.area or f"{gap.department or 'anywhere'}, in no area"
    spans = [f"{rfc3339(start, info)[:16]} to {rfc3339(end, info)[:16]}" for start, end in gap.spans[:_SHOWN]]
    more = f" and {len(gap.spans) - _SHOWN} more" if len(gap.spans) > _SHOWN else ""
    lacks = {"plan": "no plan", "first": "nobody can be reached", "second": f"only {gap.person} can be reached"}
    why = "; ".join(f"{each.who} {each.en}".strip() for each in gap.reasons)
    levels = ", ".join(map(str, gap.levels))
    return f"{where}: level {levels}, {', '.join(gap.types)}: {lacks[gap.lacks]}, {', '.join(spans)}{more} ({gap.hours:g} h): {why}"
