"""`python -m simulators SCENARIO --broker URL --field PROTOCOL=HOST:PORT`: the devices alone; ends with its supervisor."""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from hub.errors import HubError
from hub.lifeline import end_with_parent
from simulators.patrol import PATROL_VARIABLE, PatrolReceiver
from simulators.publisher import PASSWORD_VARIABLE
from simulators.run import field_addresses, simulate
from simulators.scenario import load_scenario


def main() -> int:
    """Run until SIGTERM or the duration is over; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m simulators", epilog=f"The password may stand in {PASSWORD_VARIABLE}."
    )
    parser.add_argument("scenario")
    parser.add_argument("--broker")
    parser.add_argument("--field", action="append", default=[], metavar="PROTOCOL=HOST:PORT", help="may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--duration", type=float)
    parser.add_argument("--patrol", type=int, help="port of the patrol's webhook; its secret in " + PATROL_VARIABLE)
    given = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    end_with_parent()
    if given.patrol is not None:
        PatrolReceiver(given.patrol, os.environ[PATROL_VARIABLE]).start()
    try:
        report = simulate(
            load_scenario(given.scenario),
            given.broker,
            field=field_addresses(given.field),
            seed=given.seed,
            speed=given.speed,
            truth=given.truth,
            duration=given.duration,
            stop=stop,
            password=os.environ.get(PASSWORD_VARIABLE),
        )
    except (HubError, TimeoutError, ValueError) as error:
        print(f"simulators: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"sent": report.sent, "acknowledged": report.acknowledged}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
