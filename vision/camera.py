"""What is set up for one camera, complete and valid: a configuration that exists can be worked with.

Read from JSON by `read_camera`, written by `write_camera`; `config_hash` names it in every event. Without ground points a camera works in per cent of the
frame, and `calibrated` says so.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from hub.errors import HubError
from vision.site import Flow, GroundPoint, Limits, Patch, Persist, Zone

THRESHOLDS: Final = 1
"""The version of the thresholds built into the stages."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a configuration: the field, the value it has, and the form expected."""

    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value}: expected {self.expected}"


class BadCamera(HubError):
    """A camera's configuration cannot be worked with; every mistake at once."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(map(str, mistakes)))


class CameraConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One camera's site. Pixels refer to a picture of `width` x `height`; frames of another size are scaled to it.

    `water` is where debris is looked for, `banks` where people are, `exclusions` where nothing is, `booms` where debris gathers, `sky` where smoke is looked
    for. `origin` is the longitude and latitude of the local metres' zero where ground points are given in metres; without it events have no degrees.

    Raises:
        BadCamera: every mistake, with field, value and expected form.
    """

    id: str
    width: int
    height: int
    water: tuple[Zone, ...]
    banks: tuple[Zone, ...] = ()
    exclusions: tuple[Zone, ...] = ()
    booms: tuple[Zone, ...] = ()
    sky: tuple[Zone, ...] = ()
    ground: tuple[GroundPoint, ...] = ()
    origin: tuple[float, float] | None = None
    flow: Flow | None = None
    min_size_m: float = 0.3
    min_area_m2: float = 0.02
    min_share: float = 0.00015
    persist: Persist = Persist()
    cooldown_s: float = 300.0
    reference_patch: Patch | None = None
    preset: str = ""
    thresholds: int = THRESHOLDS
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        from vision.camera_check import mistakes  # the checks name this type

        if found := mistakes(self):
            raise BadCamera(found)

    @property
    def calibrated(self) -> bool:
        """Whether sizes and places are known in metres; otherwise all is in per cent of the frame."""
        return bool(self.ground)


def read_camera(raw: bytes | str) -> CameraConfig:
    """The configuration in a JSON text.

    Raises:
        BadCamera: not JSON, a field of another type or name, or a value that cannot be worked with.
    """
    try:
        return msgspec.json.decode(raw, type=CameraConfig)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadCamera([_of_decoder(str(error))]) from error


def camera_of(fields: dict[str, Any]) -> CameraConfig:
    """The configuration in plain values, as a request or the records hold it.

    Raises:
        BadCamera: as `read_camera`.
    """
    try:
        return msgspec.convert(fields, CameraConfig)
    except msgspec.ValidationError as error:
        raise BadCamera([_of_decoder(str(error))]) from error


def write_camera(config: CameraConfig) -> bytes:
    """The canonical JSON: every field, keys in order of their names, so that equal configurations give equal bytes."""
    numbers_alike = msgspec.json.decode(
        msgspec.json.encode(config), type=CameraConfig
    )  # 40 and 40.0 are one configuration
    return msgspec.json.encode(numbers_alike, order="sorted")


def config_hash(config: CameraConfig) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(write_camera(config)).hexdigest()


def _of_decoder(message: str) -> Mistake:
    """A mistake in the decoder's words: `Expected `int`, got `str` - at `$.width``."""
    words, _, place = message.partition(" - at ")
    field = place.strip("`").removeprefix("$").lstrip(".") or "camera"
    expected, _, got = words.removeprefix("Expected ").partition(", got ")
    return Mistake(field, got.strip("`") or "what was sent", expected.replace("`", ""))
