"""`hub history export`: a period of values, or of their aggregates, as a file; whole years in bounded memory."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TimeElapsedColumn, TimeRemainingColumn

from api.working import Bounds, Watched
from hub.commands.app import Config, Data, WrongUse
from hub.commands.history_asking import asked, said
from storage.series import Every, Points, Select, SeriesStore, Windows

FORMS: Final = ("csv", "xlsx", "parquet")
_EXAMPLE: Final = "Example: hub history export 2025.parquet --kind water --from 2025-01-01 --to 2026-01-01"


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("export", epilog=_EXAMPLE)(export)


def export(
    file: Annotated[Path, typer.Argument(help="The file to write; its ending says csv, xlsx or parquet.")],
    start: Annotated[str | None, typer.Option("--from", help="Start, included: a date, RFC 3339 or -30d.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End, excluded.")] = None,
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind of station.")] = None,
    device: Annotated[str | None, typer.Option(help="Only this device.")] = None,
    properties: Annotated[list[str] | None, typer.Option("--property", help="Only these properties.")] = None,
    valid: Annotated[bool, typer.Option("--valid", help="Only values that count for means.")] = False,
    every: Annotated[str | None, typer.Option(help="Windows such as 1h or 1d, instead of the values.")] = None,
    agg: Annotated[str | None, typer.Option(help="With --every: mean,min,max,count,p95,... (default: mean).")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of the times (default: the site's).")] = None,
    config: Config = None,
    data: Data = None,
) -> int:
    """Write a period to a file that says zone, unit and flags; a file that cannot be finished is not left behind."""
    form = file.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise WrongUse(f"{file}: expected a name that ends in .csv, .xlsx or .parquet")
    if agg is not None and every is None:
        raise WrongUse("--agg needs --every, the windows to aggregate over")
    words = {"from": start, "to": end, "department": department, "kind": kind, "device": device, "zone": zone}
    words |= {"property": ",".join(properties or ()) or None, "valid": "true" if valid else None}
    words |= {"every": every, "agg": agg, "format": form}
    path = "observations" if every is None else "series"
    question = f"/v1/{path}?{urlencode({name: word for name, word in words.items() if word is not None})}"
    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(file.name, total=None)
        status = said(asked(question, config, data, file, lambda store: Onlooker(store, bar, task)))
    if status == 0:
        print(f"{file}: {file.stat().st_size} bytes")
    return status


class Onlooker(Watched):
    """Tells a progress bar how far an export has come: by time where values are read, by stations where windows are."""

    def __init__(self, store: SeriesStore, bar: Progress, task: TaskID) -> None:
        super().__init__(store, Bounds.none())
        self._bar, self._task = bar, task
        self._first = self._last = self._stations = 0

    def latest(self, select: Select) -> list[Points]:
        """Says where the values end, and how many stations there are."""
        found = super().latest(select)
        self._last = max((int(one.time[-1]) for one in found), default=0)
        self._stations = len({one.series.station for one in found})
        return found

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Says how far the time is, once all series have been read so far."""
        yield from super().scan(select, start, end)
        self._first = self._first or start
        self._bar.update(self._task, total=self._last + 1 - self._first, completed=end - self._first)

    def windows(
        self, select: Select, start: int, end: int, every: Every, aggregates: Sequence[str], zone: str
    ) -> list[Windows]:
        """Says that one more question is answered."""
        found = super().windows(select, start, end, every, aggregates, zone)
        if select.device is not None:
            self._bar.update(self._task, total=self._stations or None, advance=1)
        return found
