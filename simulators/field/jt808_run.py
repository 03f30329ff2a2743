"""Terminals on real connections: well behaved, or byte by byte, slow, flooding; `python -m simulators.field.jt808_run --help`."""

import argparse
import asyncio
import contextlib

from simulators.field.connection import Manner, drive, wall_clock
from simulators.field.jt808 import FAULTS, Behaviour, Plan, Terminal


async def _run(options: argparse.Namespace) -> None:
    now = wall_clock()
    behaviours = tuple(
        Behaviour(30.0 + 90 * number, kind=number % 4 + 1) for number in range(100 if options.alarms else 0)
    )
    plans = [
        Plan(
            str(int(options.phone) + number),
            options.edition,
            period_s=options.period,
            seed=number + 1,
            behaviours=behaviours,
            faults=frozenset(options.fault),
        )
        for number in range(options.count)
    ]
    manner = Manner(options.chunk, options.pause, options.flood)
    terminals = [Terminal(plan, now) for plan in plans]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(options.seconds or None):
            await asyncio.gather(*(drive(options.host, options.port, terminal, manner) for terminal in terminals))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m simulators.field.jt808_run", description="JT/T 808 terminals.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--phone", default="13800000001", help="of the first; the others count on")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--edition", type=int, choices=(2011, 2013, 2019), default=2019)
    parser.add_argument("--period", type=float, default=5.0, help="seconds between reports")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long (0: never)")
    parser.add_argument("--alarms", action="store_true", help="the driver misbehaves")
    parser.add_argument("--fault", action="append", choices=FAULTS, default=[], help="may be given several times")
    parser.add_argument("--chunk", type=int, default=0, help="bytes a write")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between writes")
    parser.add_argument("--flood", type=int, default=0, help="heartbeats a second")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
