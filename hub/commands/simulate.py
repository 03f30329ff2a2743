"""`hub simulate`: the devices of a scenario, published to a running hub."""

import json
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.app import WrongUse
from simulators.run import simulate as run_scenario
from simulators.scenario import load_scenario


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "simulate",
        help="Publish the devices of a scenario to a broker.",
        epilog="Example: hub simulate demo --broker mqtt://USER:SECRET@127.0.0.1:1883 --truth truth.jsonl",
    )(simulate)


def simulate(
    scenario: Annotated[str, typer.Argument(help="demo, district, or a scenario file.")],
    broker: Annotated[
        str, typer.Option(help="mqtt://[USER:PASSWORD@]HOST[:PORT]; percent-encode / in a user name as %2F.")
    ],
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
            load_scenario(scenario), broker, seed=seed, speed=speed, truth=truth, duration=duration, stop=stop
        )
    except ValueError as error:
        raise WrongUse(str(error)) from error
    print(json.dumps({"sent": report.sent, "acknowledged": report.acknowledged}))
