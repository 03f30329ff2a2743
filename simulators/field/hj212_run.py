"""Loggers on real connections: well behaved, or byte by byte, slow, flooding; `python -m simulators.field.hj212_run --help`."""

import argparse
import asyncio
import contextlib
from collections.abc import Sequence

from simulators.field.connection import Manner, drive
from simulators.field.hj212 import CHANNELS, Faults, Logger


async def _run(said: argparse.Namespace, loggers: Sequence[Logger]) -> None:
    manner = Manner(said.pieces, said.pause)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(said.seconds or None):
            await asyncio.gather(*(drive(said.host, said.port, logger, manner) for logger in loggers))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m simulators.field.hj212_run", description="HJ 212 loggers.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument(
        "--mn", default="010000A8900016F000169DC0", help="of the first; the others count on in its last digits"
    )
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--password", default="123456")
    parser.add_argument("--st", default="32", choices=sorted(CHANNELS))
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between real-time records")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long (0: never)")
    parser.add_argument("--crc", default="right", choices=("right", "wrong", "modbus"))
    parser.add_argument("--duplicate", action="store_true", help="send every record twice")
    parser.add_argument("--wrong-password", action="store_true")
    parser.add_argument("--clock-hours", type=int, default=0, help="hours its clock is wrong, such as -8")
    parser.add_argument("--flood", type=int, default=1, help="how many times too often it sends")
    parser.add_argument("--pieces", type=int, default=0, help="bytes a packet; 1: one at a time")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between packets")
    said = parser.parse_args()
    faults = Faults(said.crc, said.duplicate, said.wrong_password, said.clock_hours, said.flood)
    width = len(said.mn)
    loggers = [
        Logger(
            f"{int(said.mn, 16) + number:0{width}X}",
            said.password,
            said.st,
            number,
            faults,
            interval=int(said.interval * 1000),
        )
        for number in range(said.count)
    ]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(said, loggers))


if __name__ == "__main__":
    main()
