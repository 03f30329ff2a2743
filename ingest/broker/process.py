"""The broker as a process of its own."""

import asyncio
import contextlib
import signal
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

from ingest.broker.access import Access
from ingest.broker.health import Health
from ingest.broker.limits import Limits
from ingest.broker.server import Broker, Refused, ignore

# The store's thread hands over to the loop a few times per commit; Python's 5 ms would be most of a commit's time.
SWITCH_SECONDS = 0.0005
REPORT_SECONDS = 2.0


def run_broker(
    path: Path,
    access: Access,
    *,
    host: str = "127.0.0.1",
    port: int = 1883,
    ssl_context: ssl.SSLContext | None = None,
    limits: Limits | None = None,
    on_refused: Refused = ignore,
    ready: Callable[[Broker], None] = lambda _broker: None,
    report: Callable[[Health], None] = lambda _health: None,
) -> None:
    """Run until SIGTERM or SIGINT.

    Called inside the loop, so they must be quick: `ready` with the broker once it listens, `report` with its health
    every few seconds, `on_refused` as `Broker` says.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    broker = Broker(path, access, host=host, port=port, ssl_context=ssl_context, limits=limits, on_refused=on_refused)
    asyncio.run(_run(broker, ready, report))


async def _run(broker: Broker, ready: Callable[[Broker], None], report: Callable[[Health], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with broker:
        ready(broker)
        while not stop.is_set():
            report(broker.health())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REPORT_SECONDS):
                    await stop.wait()
