"""`hub devices`: the register from the command line."""

import csv
import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import typer

from hub.catalogue import Device
from hub.clock import SystemClock
from hub.commands.app import Config, Data, Json, WrongUse
from hub.commands.devices_camera import CameraSetup
from hub.commands.opened import opened
from hub.errors import ConfigError, Fault
from hub.link import FieldLink
from hub.secret import hash_secret, new_secret
from ingest.protocols import protocol_names
from storage.records import register as registry
from storage.records.patrol import cameras

_ACTOR: Final = "command line"
_LINK: Final = ("protocol", "identity", "password", "crs")
_STANDARD: Final = ("water_body", "target_class")
_COLUMNS: Final = (
    *("station", "name_zh", "name_en", "lon", "lat", "period_s", "zone", "gateway", "auto_properties"),
    *_LINK,
    *_STANDARD,
)

commands: Final = typer.Typer(no_args_is_help=True, help="Register devices and their secrets.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="devices")


@commands.command("add", epilog="Example: hub devices add zhenhai/water/W01 --period 300 --config hub.toml")
def add(
    station: Annotated[str, typer.Argument(metavar="DEPT/KIND/DEVICE")],
    name: Annotated[str, typer.Option(help="Its name as people say it.")] = "",
    period: Annotated[float | None, typer.Option(help="Seconds between its readings, as it promises.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of times it sends without offset.")] = None,
    gateway: Annotated[bool, typer.Option("--gateway", help="May publish for others of its department.")] = False,
    auto_properties: Annotated[bool, typer.Option("--auto-properties", help="Take unknown property names.")] = False,
    protocol: Annotated[
        str | None, typer.Option(help=f"Field protocol it speaks: {', '.join(protocol_names())}.")
    ] = None,
    identity: Annotated[str, typer.Option(help="What its frames call it: MN, terminal phone number, address.")] = "",
    password: Annotated[str, typer.Option(help="The protocol's own password or authentication code.")] = "",
    crs: Annotated[str, typer.Option(help="Datum of its positions: wgs84, gcj02 or bd09.")] = "wgs84",
    water_body: Annotated[str, typer.Option(help="What GB 3838 judges it as: river or lake.")] = "",
    target_class: Annotated[str, typer.Option(help="Class of GB 3838 that the section is to keep: I to V.")] = "",
    camera: Annotated[
        Path | None, typer.Option(help="A camera's set-up, and its source in [source]; for a registered one too.")
    ] = None,
    new: Annotated[bool, typer.Option("--new-secret", help="Give a registered device a new secret.")] = False,
    config: Config = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Register a device and print its secret, once: MQTT user name DEPT/KIND/DEVICE, password SECRET."""
    secret = new_secret()
    try:
        device = Device(
            station,
            name,
            name,
            period_ms=None if period is None else round(period * 1000),
            zone=zone,
            gateway=gateway,
            auto_properties=auto_properties,
            secret_hash=hash_secret(secret),
            link=_link({"protocol": protocol or "", "identity": identity, "password": password, "crs": crs}),
            **_standard({"water_body": water_body, "target_class": target_class}),
        )
    except ValueError as error:
        raise WrongUse(str(error)) from error
    setup = CameraSetup.read(camera, station)
    told: dict[str, str] = {}
    with opened(config, data) as (settings, records), records.begin() as tx:
        now = SystemClock().now()
        known = registry.get_device(tx, station) is not None
        if known and not new and setup is None:
            raise WrongUse(
                f"{station} is registered already; its secret was shown then (--new-secret gives it another)"
            )
        if new or not known:
            registry.put_device(tx, device, actor=_ACTOR, at=now)
            told = {"user": station, "secret": secret}
        if setup is not None:
            setup.check(settings)
            stored = cameras.put(tx, station, setup.body, setup.source, actor=_ACTOR, at=now)
            told["camera"] = f"set-up {stored.version}, {setup}"
    print(json.dumps(told) if as_json else "\n".join(f"{name:6} {value}" for name, value in told.items()))


@commands.command("list", epilog="Example: hub devices list --data demo-data")
def listing(config: Config = None, data: Data = None, as_json: Json = False) -> None:
    """Every registered device."""
    with opened(config, data) as (_, records), records.read() as tx:
        found = registry.list_devices(tx, limit=10_000).items
    for device in found:
        link = None if device.link is None else msgspec.to_builtins(device.link.without_secrets())
        entry = {**msgspec.to_builtins(device), "secret_hash": None, "link": link}
        print(
            json.dumps(entry, ensure_ascii=False)
            if as_json
            else f"{device.station:40} {device.name_zh or device.name_en}"
        )


@commands.command("import", epilog="Example: hub devices import stations.csv --config hub.toml")
def import_file(
    file: Annotated[Path, typer.Argument(help=f"CSV with the columns {', '.join(_COLUMNS)} (station is required).")],
    secrets: Annotated[Path | None, typer.Option(help="Write the new devices' secrets to this CSV file.")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Register every row of a file, or none: all mistakes are named at once."""
    entries = _read(file)
    shown: list[tuple[str, str]] = []
    with opened(config, data) as (_, records), records.begin() as tx:
        for entry in entries:
            put = entry
            if registry.get_device(tx, entry.station) is None:
                secret = new_secret()
                shown.append((entry.station, secret))
                put = msgspec.structs.replace(entry, secret_hash=hash_secret(secret))
            registry.put_device(tx, put, actor=_ACTOR, at=SystemClock().now())
    lines = [f"{station},{secret}" for station, secret in shown]
    if secrets is not None:
        from hub.files import write_private

        write_private(secrets, "\n".join(["user,secret", *lines]) + "\n")
        lines = []
    print("\n".join([*lines, f"{len(entries)} devices, {len(shown)} of them new"]))


def _read(file: Path) -> list[Device]:
    faults: list[Fault] = []
    entries: list[Device] = []
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Fault(str(file), 0, "", f"cannot be read as UTF-8 CSV: {error}")]) from error
    for number, row in enumerate(rows, 2):
        unknown = sorted(str(name) for name in row if name not in _COLUMNS)
        if unknown:
            faults.append(Fault(str(file), 1, ", ".join(unknown), f"unknown column; expected {', '.join(_COLUMNS)}"))
            break
        try:
            entries.append(_entry(row))
        except ValueError as error:
            faults.append(Fault(str(file), number, row.get("station") or "station", str(error)))
    if faults:
        raise ConfigError(faults)
    return entries


def _entry(row: dict[str, str]) -> Device:
    words = {name: (value or "").strip() for name, value in row.items()}
    return Device(
        words.get("station", ""),
        words.get("name_zh", ""),
        words.get("name_en", ""),
        float(words["lon"]) if words.get("lon") else None,
        float(words["lat"]) if words.get("lat") else None,
        round(float(words["period_s"]) * 1000) if words.get("period_s") else None,
        zone=words.get("zone") or None,
        gateway=_truth(words.get("gateway", "")),
        auto_properties=_truth(words.get("auto_properties", "")),
        link=_link(words),
        **_standard(words),
    )


class _Standard(msgspec.Struct):
    """What the standards must know of a station."""

    water_body: Literal["river", "lake"] | None = None
    target_class: Literal["I", "II", "III", "IV", "V"] | None = None


def _standard(words: dict[str, str]) -> dict[str, Any]:
    given = {name: words[name] for name in _STANDARD if words.get(name)}
    try:
        return msgspec.structs.asdict(msgspec.convert(given, _Standard))
    except msgspec.ValidationError:
        named = ", ".join(f"{name} {word!r}" for name, word in given.items())
        raise ValueError(f"{named}: expected water_body river or lake, target_class I, II, III, IV or V") from None


def _link(words: dict[str, str]) -> FieldLink | None:
    if not words.get("protocol"):
        return None
    if words["protocol"] not in protocol_names():
        raise ValueError(f"protocol {words['protocol']!r}: expected one of {', '.join(protocol_names())}")
    try:
        return msgspec.convert({name: words[name] for name in _LINK if words.get(name)}, FieldLink)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def _truth(word: str) -> bool:
    if word.lower() not in {"", "0", "1", "no", "yes", "false", "true"}:
        raise ValueError(f"{word!r}: expected yes or no")
    return word.lower() in {"1", "yes", "true"}
