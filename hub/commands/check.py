"""`hub check`: every mistake in the configuration and the rules at once; no network unless asked."""

import json
import socket
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import typer

from alerts.channel import Channel, ChannelError
from alerts.channels import discover
from alerts.pipeline import Receiver
from hub.clock import SystemClock
from hub.commands.app import Json
from hub.config import load_settings, read_secret
from hub.errors import ConfigError, Fault
from hub.rulefiles import load_rules
from hub.settings import SecretRef, Settings
from hub.toml_lines import line_of
from ingest.field.listeners import listener_faults
from ingest.mapping import explain, mapping_problems

_TIMEOUT = 3.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "check", help="Check hub.toml and its rules; every error at once.", epilog="Example: hub check hub.toml --reach"
    )(check)


def check(
    path: Annotated[Path, typer.Argument(help="The configuration file.")] = Path("hub.toml"),
    reach: Annotated[bool, typer.Option("--reach", help="Also connect to every engine and receiver.")] = False,
    as_json: Json = False,
) -> int:
    """Print what is wrong (exit 2), or what the hub would be."""
    faults: list[Fault] = []
    settings: Settings | None = None
    try:
        settings = load_settings(path)
    except ConfigError as error:
        faults += error.faults
    if settings is not None:
        faults += _secrets(settings, str(path)) + _rules(settings) + _mappings(settings, str(path))
        faults += listener_faults(settings, str(path), path.read_text(encoding="utf-8"))
        faults += _channels(settings, str(path), reach=reach)
        faults += _reach(settings, str(path)) if reach else []
    if as_json:
        lines = [{"file": item.file, "line": item.line, "key": item.key, "message": item.message} for item in faults]
        print(json.dumps({"ok": not faults, "errors": lines}, ensure_ascii=False))
    else:
        for fault in faults:
            print(fault)
        if settings is not None:
            _tell(settings)
        print("no errors" if not faults else f"{len(faults)} error{'s' if len(faults) > 1 else ''}")
    return 2 if faults else 0


def _tell(settings: Settings) -> None:
    now = SystemClock().now()
    for name in type(settings.engines).model_fields:
        print(f"{name:9} {getattr(settings.engines, name)}")
    for mapping in settings.mappings:
        if mapping.sample is not None:
            shown = explain(mapping, settings.hub.district, mapping.sample.encode(), now, ZoneInfo(settings.hub.zone))
            print(f"mapping {json.dumps(shown, ensure_ascii=False)}")


def _rules(settings: Settings) -> list[Fault]:
    try:
        load_rules(settings.hub.rules)
    except ConfigError as error:
        return error.faults
    return []


def _mappings(settings: Settings, file: str) -> list[Fault]:
    return [
        Fault(file, line_of(Path(file).read_text(encoding="utf-8"), ("mappings", place)), f"mappings.{place}", problem)
        for place, mapping in enumerate(settings.mappings)
        for problem in mapping_problems(mapping)
    ]


def _secrets(settings: Settings, file: str) -> list[Fault]:
    references: list[tuple[str, SecretRef | None]] = [
        ("engines.series_token", settings.engines.series_token),
        ("ingest.password", settings.ingest.password),
    ]
    faults = []
    for key, reference in references:
        try:
            if reference is not None:
                read_secret(reference)
        except ConfigError as error:
            faults += [Fault(file, 0, key, str(item)) for item in error.faults]
    return faults


def _channels(settings: Settings, file: str, *, reach: bool) -> list[Fault]:
    """What keeps receivers from being told: secrets, addresses, templates; with `reach` also their vendors' words."""
    faults: list[Fault] = []
    for kind in discover():
        try:
            channel = kind(settings)
        except ConfigError as error:
            faults += [replace(item, file=file) if item.file == "hub.toml" else item for item in error.faults]
            continue
        with closing(channel):
            faults += [fault for each in channel.receivers() if reach and (fault := _ask(channel, each, file))]
    return faults


def _ask(channel: Channel, receiver: Receiver, file: str) -> Fault | None:
    try:
        channel.reach(receiver.name)
    except ChannelError as error:
        return Fault(file, 0, f"notify {receiver.name}", f"{receiver.channel} does not let the hub in: {error.answer}")
    return None


def _reach(settings: Settings, file: str) -> list[Fault]:
    engines = settings.engines
    urls = [("engines.mqtt", engines.mqtt), ("engines.series", engines.series), ("engines.records", engines.records)]
    urls += [
        ("engines.bus", f"kafka://{host}")
        for host in engines.bus.removeprefix("kafka://").split(",")
        if "kafka:" in engines.bus
    ]
    return [fault for key, url in urls if (fault := _try(file, key, url)) is not None]


def _try(file: str, key: str, url: str) -> Fault | None:
    parts = urlsplit(url)
    if parts.scheme in {"embedded", "sqlite"} or not parts.hostname:
        return None
    usual = {"mqtt": 1883, "mqtts": 8883, "kafka": 9092, "postgresql": 5432, "influxdb": 8086, "https": 443, "http": 80}
    port = parts.port or usual.get(parts.scheme.split("+")[0], 80)
    try:
        socket.create_connection((parts.hostname, port), _TIMEOUT).close()
    except OSError as error:
        return Fault(file, 0, key, f"{parts.hostname}:{port} does not answer: {error}")
    return None
