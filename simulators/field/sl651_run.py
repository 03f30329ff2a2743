"""Stations of SL 651 on real connections; `python -m simulators.field.sl651_run --help`."""

import argparse
import asyncio
import contextlib
from pathlib import Path

from simulators.field.connection import Manner, drive, wall_clock
from simulators.field.sl651 import FAULTS, Plan, Rtu


def _stations(options: argparse.Namespace) -> list[Rtu]:
    picture = Path(options.picture).read_bytes() if options.picture else b""
    plans = [
        Plan(
            f"{int(options.station) + place:010d}",
            options.password,
            mode=options.mode,
            ascii=options.ascii,
            period_s=options.period,
            even_s=options.even,
            picture_s=options.picture_period if picture else 0,
            picture=picture,
            test=options.test,
            seed=place + 1,
            faults=frozenset(options.fault),
        )
        for place in range(options.count)
    ]
    return [Rtu(plan, wall_clock()) for plan in plans]


async def _run(stations: list[Rtu], options: argparse.Namespace) -> None:
    manner = Manner(options.chunk, options.pause, options.flood)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(options.seconds or None):
            await asyncio.gather(*(drive(options.host, options.port, rtu, manner) for rtu in stations))
    reports = [report for rtu in stations for report in rtu.reports]
    print(f"{len(reports)} reports, {sum(report.confirmed for report in reports)} confirmed")  # noqa: T201 - a command's last word


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m simulators.field.sl651_run", description="SL 651-2014 stations.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--station", default="0012345678", help="of the first; the others count on")
    parser.add_argument("--password", default="1234")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--mode", type=int, choices=(1, 2), default=2, help="1: waits for no confirmation")
    parser.add_argument("--ascii", action="store_true", help="ASCII coding instead of HEX/BCD")
    parser.add_argument("--period", type=float, default=60.0, help="seconds between timed reports")
    parser.add_argument("--even", type=float, default=0.0, help="seconds between reports of even steps (0: none)")
    parser.add_argument("--picture", default="", help="a JPEG to send as the camera's")
    parser.add_argument("--picture-period", type=float, default=300.0)
    parser.add_argument("--test", action="store_true", help="begin with a test report")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long (0: never)")
    parser.add_argument("--fault", action="append", choices=FAULTS, default=[], help="may be given several times")
    parser.add_argument("--chunk", type=int, default=0, help="bytes a write")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between writes")
    parser.add_argument("--flood", type=int, default=0, help="link-keeping reports a second")
    options = parser.parse_args()
    asyncio.run(_run(_stations(options), options))


if __name__ == "__main__":
    main()
