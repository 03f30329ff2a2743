"""The roles of a hub, the parts they run as, and how one part is run in a process of its own."""

import argparse
import gc
import logging
import pkgutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hub.config import data_settings, load_settings
from hub.errors import HubError
from hub.lifeline import end_with_parent
from hub.logs import log_to
from hub.settings import Settings

Entry = Callable[[Settings], None]

PARTS: Final = {
    "prepare": "hub.commands.prepare:run_prepare",
    "demo-setup": "hub.commands.demo_setup:run_demo_setup",
    "broker": "ingest.role:run_broker",
    "ingest": "ingest.role:run_ingest",
    "field": "ingest.field.role:run_field",
    "rules": "processors.role:run_rules",
    "series": "processors.series_role:run_series",
    "patrol": "processors.patrol.role:run_patrol",
    "serve": "api.role:run_serve",
}
"""Where each part begins; named, not imported, so that a process holds only what its part needs."""

ROLES: Final = {
    "ingest": ("broker", "ingest", "field"),
    "process": ("rules", "series"),
    "patrol": ("patrol",),
    "serve": ("serve",),
}
"""The parts of each role; `broker` runs only where MQTT is embedded, `field` only where a field protocol is listened for, `patrol` unless switched off."""


def parts_of(settings: Settings, roles: tuple[str, ...] = tuple(ROLES)) -> list[str]:
    """The parts that these roles run as under these settings."""
    idle = set()
    if not settings.engines.mqtt.startswith("embedded:"):
        idle.add("broker")
    if not settings.field.listen:
        idle.add("field")
    if not settings.patrol.enabled:
        idle.add("patrol")
    return [part for role in roles for part in ROLES[role] if part not in idle]


def run_part(part: str, settings: Settings) -> int:
    """Run one part until SIGTERM; the process's exit status."""
    log_to(settings.hub.data / "logs", part)
    entry: Entry = pkgutil.resolve_name(PARTS[part])
    # What was imported lives as long as the process: without this each full collection looks through all of it again, for tens of milliseconds.
    gc.collect()
    gc.freeze()
    try:
        entry(settings)
    except HubError as error:
        logging.getLogger("hub").critical("%s", error)
        return 1
    return 0


def main() -> int:
    """`python -m hub.roles PART (--config FILE | --data DIR)`: what the supervisor starts."""
    parser = argparse.ArgumentParser(prog="python -m hub.roles")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    # Ctrl-C reaches the whole foreground group; the supervisor alone decides the order of stopping.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    settings = load_settings(given.config) if given.config else data_settings(given.data or Path("data"))
    return run_part(given.part, settings)


if __name__ == "__main__":
    sys.exit(main())
