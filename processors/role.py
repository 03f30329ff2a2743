"""The part `rules` of the role `process`: the Faust worker as a process."""

import asyncio
import signal
from pathlib import Path
from typing import Final

from hub.bus import Bus
from hub.buses import open_bus
from hub.clock import Clock, SystemClock
from hub.follow import CatalogueFollower
from hub.health import EVERY, HealthFile
from hub.settings import Settings
from hub.topics import EVENTS, OBSERVATIONS, RULES_GROUP, topics
from processors.app import RulesApp
from processors.watchdog import STALLED_AFTER, Watchdog, end_worker

LEAVING: Final = 20.0
"""Seconds to save and commit in when told to leave; what is not saved by then is read again."""


def run_rules(settings: Settings, *, clock: Clock | None = None, stalled_after: float = STALLED_AFTER) -> None:
    """Work until SIGTERM, then save, commit and leave; a worker that stops moving ends with status 3."""
    clock = clock or SystemClock()
    data = settings.hub.data.absolute()
    with open_bus(settings.engines.bus, data) as bus:
        bus.ensure_topics(topics(settings.partitions))
        follower = CatalogueFollower(bus)
        follower.start()
        watchdog = Watchdog(bus, RULES_GROUP, (OBSERVATIONS, EVENTS), clock, end_worker, stalled_after)
        watchdog.start()
        try:
            asyncio.run(_work(settings, data, bus, follower, watchdog, clock))
        finally:
            watchdog.close()
            follower.close()


def faust_broker(url: str, data: Path) -> str:
    """Faust's URL of the bus: the embedded log's names its data folder."""
    return f"embedded://{data}" if url.startswith("embedded:") and url.count("/") <= 2 else url


async def _work(
    settings: Settings, data: Path, bus: Bus, follower: CatalogueFollower, watchdog: Watchdog, clock: Clock
) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    broker = faust_broker(settings.engines.bus, data)
    rules = RulesApp(broker, bus, follower, settings.partitions, settings.hub.zone, data / "faust")
    watchdog.assigned = lambda: {(place.topic, place.partition) for place in rules.app.consumer.assignment()}
    health = HealthFile(data, "rules", clock)
    tasks = [
        loop.create_task(rules.keep_saving()),
        loop.create_task(_tell(rules, watchdog, health)),
    ]
    try:
        rules.app.finalize()
        await rules.app.start()
        ended = loop.create_task(rules.app.wait_until_stopped())
        leaving = loop.create_task(stop.wait())
        await asyncio.wait((ended, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            end_worker("Faust ended by itself")
        await asyncio.wait_for(rules.app.stop(), LEAVING)
        health.remove()
    finally:
        for task in tasks:
            task.cancel()


async def _tell(rules: RulesApp, watchdog: Watchdog, health: HealthFile) -> None:
    while True:
        counters, now = rules.counters, asyncio.get_running_loop().time()
        figures = {
            "lag": watchdog.lag,
            "batches": counters.batches,
            "values": counters.values,
            "alerts": counters.alerts,
            "dead_letters": counters.dead,
            "state_age_s": round(now - counters.saved, 1) if counters.saved else 0,
            "state_bytes": counters.state_bytes,
        }
        health.write(ok=not watchdog.away, detail=watchdog.away or "evaluating rules", counters=figures)
        await asyncio.sleep(EVERY)
