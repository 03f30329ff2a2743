"""`hub decode`: frames from a file or standard input, one JSON line each; never stops at a bad one."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.app import WrongUse
from ingest.explain import PROTOCOLS, explain_frame


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "decode",
        help="Decode frames, one a line (text, or hex); one JSON line each.",
        epilog="Example: hub decode telemetry frames.txt",
    )(decode)


def decode(
    protocol: Annotated[str, typer.Argument(help=f"One of: {', '.join(PROTOCOLS)}.")],
    file: Annotated[Path | None, typer.Argument(help="Default: standard input.")] = None,
) -> int:
    """Print what each frame says; exit 1 when one could not be decoded."""
    if protocol not in PROTOCOLS:
        raise WrongUse(f"{protocol!r}: expected one of {', '.join(PROTOCOLS)}")
    if file is not None and not file.is_file():
        raise WrongUse(f"{file}: no such file")
    lines = sys.stdin.buffer if file is None else file.open("rb")
    status = 0
    for line in lines:
        frame = line.strip()
        if frame:
            answer = explain_frame(protocol, frame)
            status = status or (0 if answer["ok"] else 1)
            print(json.dumps(answer, ensure_ascii=False))
    return status
