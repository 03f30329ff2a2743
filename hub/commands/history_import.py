"""`hub history import`: files of past values into the store: all of a file or nothing, and the same again changes nothing."""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Final, Self
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.local import StillCatalogue
from hub.buses import open_bus
from hub.catalogue import Catalogue
from hub.clock import Clock, SystemClock, rfc3339
from hub.commands.app import Config, Data, Json, WrongUse
from hub.commands.opened import opened
from hub.config import read_optional
from hub.errors import StoreUnavailable
from hub.settings import Settings
from hub.topics import topics
from ingest.imports.faults import RowFault
from ingest.imports.mapping import FileMapping, read_mapping
from storage import ensure_series, open_series

if TYPE_CHECKING:  # Arrow is loaded when there is a file to read: other commands of this group are asked far more often
    from ingest.imports.importing import Counts
    from ingest.imports.sinks import Sink

SHOWN: Final = 20
_DAY_MS: Final = 86_400_000
_EXAMPLE: Final = "Example: hub history import 2019.csv --mapping bureau.toml --dry-run"


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("import", epilog=_EXAMPLE)(import_file)


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, long (one value a row) or wide (a column a property).")],
    mapping: Annotated[
        Path | None, typer.Option(help="How the file is read, where it is not the hub's own form.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is wrong and what would be imported.")
    ] = False,
    errors: Annotated[Path | None, typer.Option(help="Where all bad rows go (default: FILE.errors.csv).")] = None,
    auto_properties: Annotated[bool, typer.Option("--auto-properties", help="Take unknown property names.")] = False,
    config: Config = None,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """Import a file whole, or nothing of it: every bad row is named with line, column and the form expected (exit 2)."""
    from ingest.imports.importing import Import

    if not file.is_file():
        raise WrongUse(f"{file}: no such file")
    form = FileMapping() if mapping is None else read_mapping(mapping)
    clock = SystemClock()
    with opened(config, data) as (settings, records), _bars() as bar:
        catalogue = Catalogue()
        StillCatalogue(records).bring(catalogue)
        latest, earliest = clock.now() + settings.ingest.future_ms, _earliest(settings, clock)
        work = Import(file, form, catalogue, latest=latest, earliest=earliest, auto_properties=auto_properties)
        said = Said(errors or file.with_name(f"{file.name}.errors.csv"), quiet=as_json)
        with said:
            counts = work.check(said.fault, bar("checking", work.size))
        if not counts.faults and not dry_run:
            with _sink(settings, clock) as sink:
                work.store(sink, bar("storing ", work.size))
    unknown = sorted(counts.stations - catalogue.devices.keys())
    _tell(counts, said, unknown, settings.hub.zone, imported=not counts.faults and not dry_run, as_json=as_json)
    return 2 if counts.faults else 0


def _earliest(settings: Settings, clock: Clock) -> int | None:
    """The first time the store keeps, None where it keeps everything."""
    days = parse_qs(urlsplit(settings.engines.series).query).get("retention", [None])[-1]
    return None if days is None else clock.now() - int(days) * _DAY_MS


@contextmanager
def _sink(settings: Settings, clock: Clock) -> Iterator["Sink"]:
    """The store itself while it has no writer; the bus where the hub is running and writes it."""
    from ingest.imports.sinks import BusSink, StoreSink

    url, folder = settings.engines.series, settings.hub.data
    token = read_optional(settings.engines.series_token)
    with ExitStack() as stack:
        ensure_series(url, token=token)
        try:
            store = stack.enter_context(closing(open_series(url, folder, token=token)))
        except StoreUnavailable:
            bus = stack.enter_context(open_bus(settings.engines.bus, folder))
            bus.ensure_topics(topics(settings.partitions))
            yield BusSink(bus, clock)
        else:
            yield StoreSink(store, clock)


class Said:
    """The bad rows: the first ones on standard output, all of them in a file once they are more."""

    def __init__(self, path: Path, *, quiet: bool) -> None:
        self.path = path
        self.first: list[RowFault] = []
        self.more = False
        self._quiet = quiet
        self._file: IO[str] | None = None

    def fault(self, one: RowFault) -> None:
        """One bad row."""
        if len(self.first) < SHOWN:
            self.first.append(one)
            if not self._quiet:
                place = f"{one.column}: " if one.column else ""
                print(f"line {one.line}: {place}{one.value!r}: expected {one.expected}")
            return
        if self._file is None:
            self.more = True
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(("line", "column", "value", "expected"))
            csv.writer(self._file).writerows(map(_row, self.first))
        csv.writer(self._file).writerow(_row(one))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def _row(one: RowFault) -> tuple[int, str, str, str]:
    return one.line, one.column, one.value, one.expected


def _tell(counts: "Counts", said: Said, unknown: list[str], zone: str, *, imported: bool, as_json: bool) -> None:
    period = [None if time is None else rfc3339(time, ZoneInfo(zone)) for time in (counts.first, counts.last)]
    if as_json:
        answer: dict[str, Any] = {"imported": imported, "rows": counts.rows, "values": counts.values}
        answer |= {"out_of_range": counts.out_of_range, "first": period[0], "last": period[1]}
        answer |= {"stations": len(counts.stations), "not_registered": unknown, "bad": counts.faults}
        answer |= {
            "errors": [dict(zip(("line", "column", "value", "expected"), _row(one), strict=True)) for one in said.first]
        }
        answer |= {"errors_file": str(said.path) if said.more else None}
        print(json.dumps(answer, ensure_ascii=False))
        return
    held = _some(counts.rows, "row"), _some(counts.values, "value"), _some(len(counts.stations), "station")
    print("{}, {} of {}".format(*held), end="")
    print(f", {period[0]} to {period[1]}" if period[0] else "")
    if counts.out_of_range:
        print(
            f"{counts.out_of_range} values lie outside what an instrument can show; they are kept with the check `range`"
        )
    if unknown:
        print(f"not in the register: {', '.join(unknown[:SHOWN])}{' ...' if len(unknown) > SHOWN else ''}")
    if counts.faults:
        where = f"; all of them are in {said.path}" if said.more else ""
        print(f"{_some(counts.faults, 'mistake')}{where}; nothing was imported")
    else:
        print("imported" if imported else "nothing is wrong; nothing was imported (dry run)")


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


@contextmanager
def _bars() -> Iterator[Callable[[str, int], Callable[[int], object]]]:
    """Progress bars on standard error, where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:

        def bar(what: str, size: int) -> Callable[[int], object]:
            task = progress.add_task(what, total=size)
            return lambda done: progress.update(task, completed=done)

        yield bar
