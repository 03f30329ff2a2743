"""The two parts of the ingest role as processes: `ingest` itself, and the embedded broker where MQTT is embedded."""

import signal
import threading
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from hub.bus import Bus
from hub.buses import open_bus
from hub.clock import Clock, SystemClock
from hub.errors import ConfigError, Fault
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.settings import Settings
from ingest import broker
from ingest.access import RegisterAccess
from ingest.hub_password import hub_password
from ingest.intake import Intake
from ingest.mapping import DeviceMapping
from ingest.mosquitto import MosquittoFiles
from ingest.mqtt.address import broker_address
from ingest.mqtt.session import Session
from ingest.refusals import Refusals
from ingest.register import Register
from ingest.router import Router

MOST_HELD: Final = 32 << 20
"""Bytes that may wait for a bus that is away before nothing more is read from the broker."""

_IDLE_WAIT: Final = 0.2
_STALLED_WAIT: Final = 0.1


def open_intake(settings: Settings, bus: Bus, clock: Clock, source: str) -> tuple[Intake, CatalogueFollower]:
    """An intake that knows the register and the mappings; the follower is closed by whoever asked.

    Raises:
        ConfigError: a mapping has mistakes.
    """
    follower = CatalogueFollower(bus)
    follower.start()
    router = Router(read_mappings(settings))
    return Intake(bus, Register(follower), settings.ingest, clock, source=source, router=router), follower


def read_mappings(settings: Settings) -> list[DeviceMapping]:
    """The mappings of the settings, ready to use.

    Raises:
        ConfigError: all mistakes in all of them.
    """
    mappings: list[DeviceMapping] = []
    faults: list[Fault] = []
    for place, section in enumerate(settings.mappings):
        try:
            mappings.append(DeviceMapping(section, settings.hub.district))
        except ValueError as error:
            faults.append(Fault("hub.toml", 0, f"mappings.{place}", f"{section.name}: {error}"))
    if faults:
        raise ConfigError(faults)
    return mappings


def run_ingest(settings: Settings, stop: threading.Event | None = None) -> None:
    """Take in what the broker has until SIGTERM, or until `stop` is set; then flush, acknowledge and say goodbye."""
    stop = stop or stop_signal()
    clock = SystemClock()
    data = settings.hub.data
    with open_bus(settings.engines.bus, data) as bus:
        intake, follower = open_intake(settings, bus, clock, settings.ingest.client_id)
        try:
            session = _session(settings, intake, clock)
            health = HealthFile(data, "ingest", clock)
            files = mosquitto_files(settings)
            take_in(session, intake, stop, lambda: _report(session, intake, health, bus, files))
            intake.flush()
            session.acknowledge(intake.flush())
            session.close()
            health.remove()
        finally:
            follower.close()


def _session(settings: Settings, intake: Intake, clock: Clock) -> Session:
    ingest = settings.ingest
    address = broker_address(settings.engines.mqtt, ingest.username, hub_password(settings), ingest.ca_file)
    filters = [*ingest.filters, *(mapping.filter for mapping in read_mappings(settings))]
    return Session(
        address,
        filters,
        ingest.client_id,
        clock,
        reader=ingest.reader,
        protocol=ingest.protocol,
        forget=intake.forget_tokens,
    )


def take_in(session: Session, intake: Intake, stop: threading.Event, report: Callable[[], None] = lambda: None) -> None:
    """Read, gather, append, acknowledge, until `stop` is set; `report` is called each round."""
    while not stop.is_set():
        reading = intake.held < MOST_HELD
        wait = _STALLED_WAIT if intake.stalled else intake.wait(_IDLE_WAIT, connected=session.caught_up)
        arrived = session.step(wait, reading=reading)
        if arrived:
            intake.take(arrived)
        live = session.caught_up
        if intake.stalled or intake.due() or (live and intake.tick_due()):
            session.acknowledge(intake.flush(connected=live))
        report()


def mosquitto_files(settings: Settings) -> MosquittoFiles | None:
    """Where the broker is another program: its password and ACL files, under `DATA/mosquitto`."""
    password = hub_password(settings)
    if settings.engines.mqtt.startswith("embedded:") or password is None:
        return None
    ingest = settings.ingest
    return MosquittoFiles(settings.hub.data / "mosquitto", ingest.username, password, ingest.mosquitto_pid_file)


def _report(session: Session, intake: Intake, health: HealthFile, bus: Bus, files: MosquittoFiles | None) -> None:
    if not health.due():
        return
    if files is not None:
        files.follow(intake.catalogue)
    durable, trouble = intake.health()
    state = bus.health()
    ok = durable and session.connected and session.subscribed and state.ok
    detail = "; ".join(part for part in (trouble, session.detail, state.detail) if part)
    counters = intake.counters.as_dict() | {
        "connections": session.connections,
        "held_bytes": intake.held,
        "oldest_unacknowledged_s": round(intake.oldest_age, 3),
    }
    health.write(ok=ok, detail=detail, counters=counters)


def run_broker(settings: Settings, ready: Callable[[broker.Broker], None] = lambda _broker: None) -> None:
    """Run the embedded broker until SIGTERM; what it refuses to take becomes a dead letter `not_allowed`."""
    clock = SystemClock()
    data = settings.hub.data
    parts = urlsplit(settings.engines.mqtt)
    with open_bus(settings.engines.bus, data) as bus:
        follower = CatalogueFollower(bus)
        follower.start()
        register = Register(follower)
        access = RegisterAccess(register.device, settings.ingest.username, hub_password(settings) or "")
        health = HealthFile(data, "broker", clock)
        refusals = Refusals(Intake(bus, register, settings.ingest, clock, source="broker"))
        refusals.start()
        try:
            broker.run_broker(
                data / "broker.db",
                access,
                host=parts.hostname or "127.0.0.1",
                port=parts.port or 1883,
                on_refused=refusals.take,
                ready=ready,
                report=lambda state: report_broker(health, state, refusals.dropped),
            )
            health.remove()
        finally:
            refusals.close()
            follower.close()


def report_broker(health: HealthFile, state: broker.Health, dropped: int) -> None:
    """Write the broker's own word."""
    plain: dict[str, Any] = msgspec.to_builtins(state)
    counters = {f"broker.{name}": float(count) for name, count in plain.pop("counters").items()}
    counters |= {name: float(value) for name, value in plain.items() if isinstance(value, int)}
    health.write(ok=state.ok, detail=state.trouble, counters=counters | {"refusals_not_kept": float(dropped)})


def stop_signal() -> threading.Event:
    """Set by SIGTERM and by Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: stop.set())
    return stop
