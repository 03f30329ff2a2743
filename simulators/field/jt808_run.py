"""Terminals on real connections: well behaved, or byte by byte, slow, flooding; `python -m simulators.field.jt808_run --help`."""

import argparse
import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from simulators.field.jt808 import FAULTS, Behaviour, Plan, Terminal

_STEP: Final = 0.2
_AGAIN: Final = 2.0


def wall_clock() -> int:
    """Epoch ms."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a terminal uses its connection: `chunk` bytes at a time (0: as they come), `pause` seconds between them, `flood` heartbeats a second beside."""

    chunk: int = 0
    pause: float = 0.0
    flood: int = 0


async def drive(
    host: str, port: int, terminal: Terminal, manner: Manner = Manner(), clock: Callable[[], int] = wall_clock
) -> None:
    """Keep one terminal connected until it is cancelled."""
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            terminal.tick(clock())
            await asyncio.sleep(_AGAIN)
            continue
        try:
            await _converse(reader, writer, terminal, manner, clock)
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(_AGAIN)
        finally:
            terminal.lost()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    terminal: Terminal,
    manner: Manner,
    clock: Callable[[], int],
) -> None:
    await _write(writer, terminal.connected(clock()), manner)
    while True:
        data = b""
        with contextlib.suppress(TimeoutError):
            data = await asyncio.wait_for(reader.read(4096), _STEP)
            if not data:
                return
        out = terminal.received(data, clock()) if data else []
        await _write(writer, [*out, *terminal.tick(clock())], manner)
        if manner.flood and terminal.admitted:
            await _write(writer, terminal.heartbeats(round(manner.flood * _STEP)), manner)


async def _write(writer: asyncio.StreamWriter, frames: Sequence[bytes], manner: Manner) -> None:
    data = b"".join(frames)
    size = manner.chunk or len(data) or 1
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
        await writer.drain()
        if manner.pause:
            await asyncio.sleep(manner.pause)


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
