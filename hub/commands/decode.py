"""`hub decode`: frames from a file or standard input, one JSON line each; never stops at a bad one."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.clock import SystemClock
from hub.commands.app import WrongUse
from ingest.explain import PROTOCOLS, explain_frame

_HEX: Final = re.compile(rb"(?:[0-9A-Fa-f]{2}\s*){2,}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "decode",
        help="Decode frames, one a line (text, or hex); one JSON line each.",
        epilog="Example: hub decode sl651 frames.txt",
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
    status = 0
    for line in sys.stdin.buffer.readlines() if file is None else file.read_bytes().splitlines():
        frame = line.strip()
        if frame:
            answer = explain_frame(protocol, _bytes(frame), SystemClock().now())
            status = status or (0 if answer["ok"] else 1)
            print(json.dumps(answer, ensure_ascii=False))
    return status


def _bytes(frame: bytes) -> bytes:
    """Text as it is; a line of hex digits alone, in one piece or in pairs, as the bytes it spells."""
    if _HEX.fullmatch(frame):
        return bytes.fromhex(frame.decode())
    return frame
