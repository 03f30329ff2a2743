"""The role `serve`: alerts, outbox, catalogue, rules folder and HTTP in one process."""

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from alerts.service import AlertService
from api.app import create_app
from api.board import Board
from api.context import Context, Register
from api.field import FieldExchange
from api.presence import Presence
from api.rules_folder import RulesFolder
from api.server import listening, serve
from api.vehicles.papers import Papers, PapersReader
from hub.bus import Bus
from hub.buses import open_bus
from hub.clock import Clock, SystemClock
from hub.config import read_optional
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.settings import Settings
from hub.topics import topics
from ingest.intake import Intake
from ingest.register import Register as IntakeRegister
from ingest.role import read_mappings
from ingest.router import Router
from storage import open_series
from storage.evidence import folder_at
from storage.records import Records, open_records

_log = logging.getLogger("hub.api")

PART: Final = "serve"
SWITCH_S: Final = 0.0005


def run_serve(
    settings: Settings, stop: threading.Event | None = None, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGTERM, or until `stop` is set; `ready` is told the address once it listens.

    Raises:
        ConfigError: the address, an engine's URL or a mapping is wrong.
        BusUnavailable, StoreUnavailable: an engine does not answer at the start.
    """
    stop = stop or _signalled()
    # SQLite lets go of the interpreter at each statement and gets it back after one interval: 5 ms of those would delay every alert.
    sys.setswitchinterval(SWITCH_S)
    clock = SystemClock()
    settings.hub.data.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        listener = stack.enter_context(listening(settings.serve.listen))
        bus = stack.enter_context(open_bus(settings.engines.bus, settings.hub.data))
        records = stack.enter_context(closing(open_records(settings.engines.records, settings.hub.data)))
        bus.ensure_topics(topics(settings.partitions))
        records.migrate()
        context, service = _open(stack, settings, bus, records, clock)
        stack.callback(service.stop)
        service.start()
        app = create_app(context)
        _report(stack, settings, context, service, clock)
        host, port = listener.getsockname()[:2]
        if ready is not None:
            ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        asyncio.run(serve(app, listener, stop))


def _open(
    stack: ExitStack, settings: Settings, bus: Bus, records: Records, clock: Clock
) -> tuple[Context, AlertService]:
    """Everything the application works with; the stack closes it."""
    token = read_optional(settings.engines.series_token)
    series = open_series(settings.engines.series, settings.hub.data, readonly=True, token=token)
    stack.enter_context(closing(series))
    follower = stack.enter_context(closing(CatalogueFollower(bus)))
    follower.start()
    service = AlertService(bus, records, settings, clock)
    rules = stack.enter_context(closing(RulesFolder(settings.hub.rules, records, clock)))
    rules.start()
    router = Router(read_mappings(settings))
    intake = Intake(bus, IntakeRegister(follower), settings.ingest, clock, source="http", router=router)
    papers = Papers()
    stack.enter_context(closing(PapersReader(bus, papers))).start()
    problems = {"alerts": lambda: "; ".join(f"{part}: {why}" for part, why in service.health().problems.items())}
    context = Context(
        settings,
        records,
        series,
        Register(follower),
        Presence(series, clock),
        clock,
        service.desk,
        intake,
        Board(settings, records, bus, series, clock, problems, lambda: rules.faults),
        stack.enter_context(closing(FieldExchange(bus, clock))),
        evidence_folder(settings),
        service.climber.settle,
        papers,
        service.trials,
    )
    return context, service


def evidence_folder(settings: Settings) -> Path:
    """The folder of `file://PATH`; a relative one lies under the hub's data."""
    return folder_at(settings.engines.evidence, settings.hub.data)


def _signalled() -> threading.Event:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


def _report(stack: ExitStack, settings: Settings, context: Context, service: AlertService, clock: Clock) -> None:
    """Write the part's own health file once a second, from a thread."""
    file, ended = HealthFile(settings.hub.data, PART, clock), threading.Event()

    def write() -> None:
        while not ended.is_set():
            health = service.health()
            counters = {"queued": float(health.queued), "oldest_ms": float(health.oldest_ms)}
            counters |= {f"lag.{topic}": float(lag) for topic, lag in health.lag.items()}
            counters |= context.intake.counters.as_dict()
            detail = "; ".join(f"{part}: {why}" for part, why in health.problems.items())
            file.write(ok=health.ok, detail=detail, counters=counters)
            ended.wait(1.0)

    thread = threading.Thread(target=write, name="health", daemon=True)

    def end() -> None:
        ended.set()
        thread.join()
        file.remove()

    thread.start()
    stack.callback(end)
