"""`hub patrol`: the patrol on a video, a folder of pictures or a stream, without a running hub."""

import json
import random
import re
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.clock import SystemClock, parse_rfc3339
from hub.commands.app import Json, WrongUse
from hub.commands.patrol_camera import Setup, read_camera_file
from hub.commands.patrol_round import Round
from vision.replay.live import live_pictures
from vision.replay.source import Clock, NoPictures, Picture, Recording

FIRST_MOMENT: Final = 946_684_800_000
"""2000-01-01T00:00:00Z: the time of pictures that say none, so that a replay anywhere gives the same events."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "patrol",
        help="Look for debris, people and trouble in a video, a folder of pictures or a stream.",
        epilog="Example: hub patrol pictures/ --camera bridge.toml --out found",
    )(patrol)


def patrol(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="A video, a picture, a folder, or rtsp:// or http://.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for detections.jsonl, events.jsonl, summary.json and evidence.")],
    camera: Annotated[Path | None, typer.Option(help="The camera's set-up; without it sizes are per cent.")] = None,
    start: Annotated[str, typer.Option(help="When the first picture was taken, where names do not say it.")] = "",
    fps: Annotated[
        float | None, typer.Option(help="Pictures a second, where neither names nor the video say it.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Stop a stream after this long.")] = None,
    draw: Annotated[bool, typer.Option("--draw", help="Also write every picture with what was seen.")] = False,
    stills: Annotated[
        bool, typer.Option("--stills", help="Look at every picture by itself, against its own water; no events.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Look at every picture; exit 1 when none could be looked at. A broken one is told in a line and passed over."""
    if fps is not None and not 0 < fps <= 1000:
        raise WrongUse(f"--fps {fps:g}: expected more than 0, at most 1000")
    configure = Setup(camera, read_camera_file(camera))
    pictures = _pictures(source, Clock(_moment(start), fps), seconds)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"--out {out}: expected a folder that can be written: {error.strerror}") from error
    round_ = Round(out, configure, cuts=camera is None, draw=draw, quiet=as_json, stills=stills)
    with closing(round_), closing(pictures):
        try:
            for picture in pictures:
                round_.look(picture)
        except KeyboardInterrupt:
            print("stopped")
        summary = round_.end()
    print(json.dumps(summary) if as_json else round_.told(summary))
    return 0 if summary["frames"] else 1


def _pictures(source: str, clock: Clock, seconds: float | None) -> Generator[Picture, None, None]:
    if re.match(r"(rtsps?|https?)://", source):
        return live_pictures(source, seconds, SystemClock(), random.Random())  # noqa: S311 - spreads attempts
    try:
        return Recording(Path(source), clock).pictures()
    except NoPictures as error:
        raise WrongUse(str(error)) from error


def _moment(text: str) -> int:
    if not text:
        return FIRST_MOMENT
    if text.isdigit():
        return int(text)
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        raise WrongUse(
            f"--start {text!r}: expected epoch milliseconds or a time such as 2026-05-01T08:00:00+08:00"
        ) from error
