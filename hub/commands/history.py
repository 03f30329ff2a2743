"""`hub history`: the past in bulk, without a running hub: questions in the words of the HTTP interface, files out, files in."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from api.local import PATHS
from hub.commands import history_export, history_import
from hub.commands.app import Config, Data, WrongUse
from hub.commands.history_asking import asked, said

commands: Final = typer.Typer(no_args_is_help=True, help="Ask the past, take it out as files, bring files in.")
history_export.register(commands)
history_import.register(commands)
_BINARY: Final = ("xlsx", "parquet")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="history")


@commands.command(
    "query", epilog="Example: hub history query 'series?device=W01&property=ph&every=1d&agg=mean,p95&from=-30d'"
)
def query(
    question: Annotated[str, typer.Argument(metavar="PATH?QUERY", help=f"One of: {', '.join(PATHS)}.")],
    form: Annotated[str | None, typer.Option("--format", help="json, csv, xlsx or parquet (default: json).")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the answer to this file instead.")] = None,
    config: Config = None,
    data: Data = None,
) -> int:
    """The answer that `/v1/PATH?QUERY` gives, printed as it comes; exit 2 when the question cannot be answered so."""
    if form in _BINARY and out is None and sys.stdout.isatty():
        raise WrongUse(f"{form} is nothing for a terminal; give --out FILE")
    reply = asked(_path(question, form), config, data, out)
    if out is None and reply.status < 400:
        sys.stdout.buffer.write(b"" if form else b"\n")
    return said(reply)


def _path(question: str, form: str | None) -> str:
    path, _, words = question.partition("?")
    name = path.strip("/").removeprefix("v1/")
    if name not in PATHS and not name.startswith("stations/"):
        raise WrongUse(f"{path!r}: expected one of {', '.join(PATHS)}")
    chosen = [] if form is None else [f"format={form}"]
    return f"/v1/{name}?{'&'.join([*filter(None, [words]), *chosen])}"
