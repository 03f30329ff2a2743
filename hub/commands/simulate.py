"""`hub simulate`: the devices of a scenario, published to a running hub."""

import json
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.app import WrongUse
from simulators.run import field_addresses
from simulators.run import simulate as run_scenario
from simulators.scenario import load_scenario


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "simulate",
        help="Let the devices of a scenario publish to a broker, and call a hub by field protocols.",
        epilog="Example: hub simulate field --field hj212=127.0.0.1:9212 --field jt808=127.0.0.1:9808 --truth truth.jsonl",
    )(simulate)


def simulate(
    scenario: Annotated[str, typer.Argument(help="demo, district, field, or a scenario file.")],
    broker: Annotated[
        str | None, typer.Option(help="mqtt://[USER:PASSWORD@]HOST[:PORT]; percent-encode / in a user name as %2F.")
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="PROTOCOL=HOST:PORT", help="Where the hub listens for a field protocol; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed sends the same values.")] = 1,
    speed: Annotated[float, typer.Option(help="Event time runs this many times as fast.")] = 1.0,
    truth: Annotated[Path | None, typer.Option(help="Write what truly happened, one JSON object a line.")] = None,
    duration: Annotated[float | None, typer.Option(help="Stop after this many seconds of scenario time.")] = None,
) -> None:
    """Run until Ctrl-C, SIGTERM or the duration is over."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        report = run_scenario(
            load_scenario(scenario),
            broker,
            field=field_addresses(field or []),
            seed=seed,
            speed=speed,
            truth=truth,
            duration=duration,
            stop=stop,
        )
    except ValueError as error:
        raise WrongUse(str(error)) from error
    print(json.dumps({"sent": report.sent, "acknowledged": report.acknowledged}))
