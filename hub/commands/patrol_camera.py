"""A camera's set-up in a TOML file: the site as it is drawn, and in `[source]` where the pictures are fetched."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from hub.errors import ConfigError, Fault
from hub.pictures import Source
from hub.toml_lines import line_of
from vision.camera import BadCamera, CameraConfig, camera_of

_KEYS: Final = re.compile(r"Object (?:missing required field (\w+)|contains unknown field (\w+))")
_PLACE: Final = re.compile(r"([A-Za-z_]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class CameraText:
    """What a camera file says; without a file it says nothing. `text` is the whole of it, to name lines of."""

    fields: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Any] = field(default_factory=dict)
    text: str = ""


def read_camera_file(path: Path | None) -> CameraText:
    """What a camera file says, before it is known whether it can be worked with.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    if path is None:
        return CameraText()
    try:
        text = path.read_text(encoding="utf-8")
        fields = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Fault(str(path), 0, "", f"cannot be read: {getattr(error, 'strerror', error)}")]) from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise ConfigError([Fault(str(path), int(at[1]) if at else 0, "", f"is not TOML: {error}")]) from error
    source = fields.pop("source", {})
    return CameraText(fields, source if isinstance(source, dict) else {"url": source}, text)


def source_of(path: Path, told: CameraText) -> Source:
    """Where a camera file says that pictures are fetched; nowhere when it says nothing of it.

    Raises:
        ConfigError: a field of another name, type or form.
    """
    try:
        return msgspec.convert(told.source, Source)
    except msgspec.ValidationError as error:
        words, _, place = str(error).partition(" - at ")
        name = place.strip("`").removeprefix("$").lstrip(".") or words.partition(":")[0]
        name = name if name in told.source else ""
        line = line_of(told.text, ["source", name] if name else ["source"])
        raise ConfigError([Fault(str(path), line, f"source.{name}".rstrip("."), words)]) from error


class Setup:
    """Makes the configuration for pictures of a size: of the file, or of the whole picture where there is none."""

    def __init__(self, path: Path | None, told: CameraText) -> None:
        self._path, self._fields, self._text = path, told.fields, told.text
        if path is not None and {"width", "height"} <= told.fields.keys():
            self(told.fields["width"], told.fields["height"])  # mistakes are told before the first picture is read

    def __call__(self, width: int, height: int) -> CameraConfig:
        whole = {"name": "picture", "points": [[0, 0], [width, 0], [width, height], [0, height]]}
        if self._path is None:
            fields: dict[str, Any] = {"id": "camera", "water": [whole], "sky": [whole]}
        else:
            fields = {"id": self._path.stem, **self._fields}
        return self._checked({"width": width, "height": height, **fields})

    def of(self, station: str) -> CameraConfig:
        """The configuration of a registered camera: nothing can be left out but its name."""
        return self._checked({**self._fields, "id": station})

    def _checked(self, fields: dict[str, Any]) -> CameraConfig:
        try:
            return camera_of(fields)
        except BadCamera as bad:
            raise ConfigError([self._fault(one.field, one.value, one.expected) for one in bad.mistakes]) from bad

    def _fault(self, field: str, value: str, expected: str) -> Fault:
        if found := _KEYS.fullmatch(expected):
            missing, unknown = found.groups()
            field = f"{field}.{missing or unknown}".removeprefix("camera.")
            value, expected = ("nothing", "a value: it is missing") if missing else ("?", "no such key")
        place = [word or int(number) for word, number in _PLACE.findall(field)]
        return Fault(str(self._path), line_of(self._text, place), field, f"= {value}; expected {expected}")
