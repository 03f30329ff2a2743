"""`hub doctor`: what a helper from afar needs to see, in one archive, without secrets."""

import json
import platform
import re
import shutil
import sys
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from hub.buses import open_bus
from hub.commands.app import Config, Data
from hub.commands.opened import opened
from hub.errors import HubError
from hub.settings import Settings
from hub.topics import ALERTS, ALERTS_GROUP, OBSERVATIONS, RULES_GROUP, SERIES_GROUP, topics
from storage.records import Records, dead_letters, rules
from storage.records import register as registry

_TAIL: Final = 512 * 1024
_SECRET: Final = re.compile(r"(?i)((?:password|secret|token|authorization)\W{1,4})[^\s,;\"'}]+")
_IN_URL: Final = re.compile(r"(//[^/\s:@]+:)[^/\s@]+@")
_GROUPS: Final = ((RULES_GROUP, OBSERVATIONS), (SERIES_GROUP, OBSERVATIONS), (ALERTS_GROUP, ALERTS))


def register(app: typer.Typer) -> None:
    """Add the command."""
    text = "Write an archive for whoever helps: settings, versions, health, logs, counts; no secrets."
    app.command("doctor", help=text, epilog="Example: hub doctor --config hub.toml")(doctor)


def doctor(
    out: Annotated[Path | None, typer.Option(help="The archive (default: hub-doctor-TIME.zip here).")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Collect and name the archive."""
    path = out or Path(f"hub-doctor-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")
    with opened(config, data) as (settings, records):
        facts = {"machine": _machine(settings), "bus": _bus(settings), "records": _records(records)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("settings.json", redact(settings.model_dump_json(indent=1)))
        archive.writestr("facts.json", json.dumps(facts, indent=1, ensure_ascii=False))
        archive.writestr("packages.txt", "\n".join(sorted(f"{one.name} {one.version}" for one in distributions())))
        for folder in ("health", "logs"):
            for file in sorted((settings.hub.data / folder).glob("*")):
                archive.writestr(f"{folder}/{file.name}", redact(_tail(file)))
    print(path)


def redact(text: str) -> str:
    """The text with what looks like a secret taken out."""
    return _IN_URL.sub(r"\1***@", _SECRET.sub(r"\1***", text))


def _tail(file: Path) -> str:
    with file.open("rb") as opened_file:
        opened_file.seek(max(0, file.stat().st_size - _TAIL))
        return opened_file.read().decode("utf-8", "replace")


def _machine(settings: Settings) -> dict[str, Any]:
    usage = shutil.disk_usage(settings.hub.data)
    return {
        "python": sys.version,
        "system": platform.platform(),
        "disk_total": usage.total,
        "disk_free": usage.free,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _bus(settings: Settings) -> dict[str, Any]:
    try:
        with closing(open_bus(settings.engines.bus, settings.hub.data)) as bus:
            ends = {spec.name: bus.ends(spec.name) for spec in topics(settings.partitions)}
            lags = {group: bus.lag(group, topic) for group, topic in _GROUPS}
            health = bus.health()
        return {"ok": health.ok, "detail": health.detail, "size": health.size, "ends": ends, "lags": lags}
    except HubError as error:
        return {"ok": False, "detail": str(error)}


def _records(records: Records) -> dict[str, Any]:
    with records.read() as tx:
        letters = {f"{state} {reason}": count for (state, reason), count in dead_letters.counts(tx).items()}
        return {"devices": registry.count_devices(tx), "rules": rules.count_rules(tx), "dead_letters": letters}
