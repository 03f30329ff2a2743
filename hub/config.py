"""Reading `hub.toml`: every error at once, each with file, line, key and the form expected."""

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ValidationError

from hub.errors import ConfigError, Fault
from hub.settings import HubSection, SecretRef, Settings
from hub.toml_lines import line_of

Model = TypeVar("Model", bound=BaseModel)

SCHEMES: Final = {
    "mqtt": ("embedded", "mqtt", "mqtts"),
    "bus": ("embedded", "kafka"),
    "series": ("embedded", "influxdb", "influxdbs"),
    "records": ("sqlite", "postgresql"),
    "evidence": ("file",),
}


def load_settings(path: Path) -> Settings:
    """The settings in a file; relative folders in it lie beside it.

    Raises:
        ConfigError: the file cannot be read, or has mistakes: all of them.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Fault(str(path), 0, "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Fault(str(path), 0, "", f"is not UTF-8 text: byte {error.start}")]) from error
    settings, faults = parse_settings(text, str(path))
    if faults or settings is None:
        raise ConfigError(faults)
    return _rooted(settings, path.resolve().parent)


def data_settings(data: Path) -> Settings:
    """The settings of an embedded hub in one folder: its own `hub.toml` where there is one."""
    own = data / "hub.toml"
    if own.is_file():
        return load_settings(own)
    folder = data.resolve()
    return Settings(hub=HubSection(data=folder, rules=folder / "rules"))


def parse_settings(text: str, file: str) -> tuple[Settings | None, list[Fault]]:
    """The settings written in `text`, or every mistake in it."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        return None, [Fault(file, int(found[1]) if found else 0, "", f"is not TOML: {error}")]
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        return None, [
            _fault(text, file, item["loc"], item["type"], item["msg"], item.get("input")) for item in error.errors()
        ]
    faults = [Fault(file, line_of(text, path), ".".join(map(str, path)), message) for path, message in _judge(settings)]
    return (None if faults else settings), faults


def _rooted(model: Model, folder: Path) -> Model:
    update: dict[str, Any] = {}
    for name, value in model:
        if isinstance(value, Path):
            update[name] = folder / value
        elif isinstance(value, BaseModel):
            update[name] = _rooted(value, folder)
        elif isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
            update[name] = tuple(_rooted(item, folder) for item in value)
        elif isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
            update[name] = {key: _rooted(item, folder) for key, item in value.items()}
    return model.model_copy(update=update)


def read_secret(reference: SecretRef) -> str:
    """The secret that is meant, without its trailing line end.

    Raises:
        ConfigError: the variable is not set or the file cannot be read.
    """
    if reference.env is not None:
        value = os.environ.get(reference.env)
        if value is None:
            raise ConfigError([Fault("environment", 0, reference.env, "is not set; a secret is expected in it")])
        return value
    if reference.file is None:
        raise ConfigError([Fault("hub.toml", 0, "secret", 'expected { env = "NAME" } or { file = "path" }')])
    try:
        return reference.file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(
            [Fault(str(reference.file), 0, "", f"the secret cannot be read: {error.strerror}")]
        ) from error


def read_optional(reference: SecretRef | None) -> str | None:
    """The secret that is meant, None where none is.

    Raises:
        ConfigError: the variable is not set or the file cannot be read.
    """
    return None if reference is None else read_secret(reference)


def _judge(settings: Settings) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    try:
        ZoneInfo(settings.hub.zone)
    except (ZoneInfoNotFoundError, ValueError):
        found.append((("hub", "zone"), f"{settings.hub.zone!r}: expected an IANA zone such as Asia/Shanghai"))
    for name, schemes in SCHEMES.items():
        url = getattr(settings.engines, name)
        scheme = urlsplit(url).scheme.split("+")[0]
        if scheme not in schemes:
            expected = " or ".join(f"{item}://" for item in schemes)
            found.append((("engines", name), f"{url!r}: expected {expected}"))
        if urlsplit(url).password:
            found.append(
                (
                    ("engines", name),
                    "a password stands in the URL; PostgreSQL takes it by PGPASSFILE or PGPASSWORD, MQTT by ingest.password",
                )
            )
    host, _, port = settings.serve.listen.rpartition(":")
    if not host or not port.isdigit():
        found.append((("serve", "listen"), f"{settings.serve.listen!r}: expected HOST:PORT such as 127.0.0.1:8080"))
    names: set[str] = set()
    for kind, items in settings.notify.sections().items():
        for place, item in enumerate(items):
            if item.name in names:
                found.append((("notify", kind, place, "name"), f"{item.name!r} is used twice; names must differ"))
            names.add(item.name)
    return found


def _fault(text: str, file: str, path: tuple[int | str, ...], kind: str, message: str, given: Any) -> Fault:
    key = ".".join(map(str, path))
    line = line_of(text, path)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _siblings(path), 1)
        hint = f"; did you mean {near[0]}?" if near else f"; expected one of {', '.join(_siblings(path))}"
        return Fault(file, line, key, f"unknown key{hint}")
    message = message.removeprefix("Value error, ")
    shown = "" if kind == "missing" or isinstance(given, dict | list) else f"{given!r}: "
    return Fault(file, line, key, f"{shown}{message[0].lower()}{message[1:]}")


def _siblings(path: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in path[:-1]:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        inner = getattr(annotation, "__args__", (annotation,))
        models = [item for item in inner if isinstance(item, type) and issubclass(item, BaseModel)]
        if not models:
            return []
        model = models[0]
    return list(model.model_fields)
