"""Shapes of field devices: connections, frames, commands."""

from typing import Any, Literal

from api.documents.shape import Shape, Time


class CommandArgument(Shape):
    """One argument of a command: how it is written, its unit and limits, and a value that the protocol takes."""

    name: str
    zh: str
    en: str
    type: Literal["text", "whole", "number", "time", "switch", "choice", "list", "object"]
    unit: str
    required: bool
    low: float | None
    high: float | None
    choices: list[str | int]
    secret: bool
    example: Any


class CommandWords(Shape):
    """What may be asked of a device of the protocol; `risk` where it changes how the device works."""

    name: str
    zh: str
    en: str
    risk: bool
    arguments: list[CommandArgument]


class FieldProtocolItem(Shape):
    """One protocol; `listen` HOST:PORT, null where it is not listened for; what its identity is called, and its commands."""

    protocol: str
    title: str
    identity_zh: str
    identity_en: str
    listen: str | None
    commands: list[CommandWords]


class FieldProtocols(Shape):
    """All protocols."""

    items: list[FieldProtocolItem]


class FieldSession(Shape):
    """One open connection; `counts` by the protocol's own words, `resting` while it is read more slowly than it sends."""

    protocol: str
    version: str
    station: str | None
    identity: str
    peer: str
    opened: Time
    last_frame: Time | None
    bytes_in: int
    bytes_out: int
    frames: int
    refused: int
    counts: dict[str, int]
    last_error: str
    resting: bool


class FieldSessions(Shape):
    """Connections by station; `next` is the `after` of the next page, `total` counts all."""

    items: list[FieldSession]
    next: str | None
    total: int


class FieldDevice(Shape):
    """A registered device with a link; `last_seen` is the time of its newest value."""

    station: str
    name_zh: str
    name_en: str
    protocol: str
    identity: str
    enabled: bool
    last_seen: Time | None


class FieldDevices(Shape):
    """The registered devices that speak a field protocol, by station."""

    items: list[FieldDevice]


class FieldRefusal(Shape):
    """Why frames of one sender were refused lately: how often, the last words and the last frame (its beginning), passwords blotted out."""

    protocol: str
    station: str | None
    identity: str
    address: str
    reason: str
    detail: str
    hex: str
    text: str
    first: Time
    last: Time
    count: int


class FieldRefusals(Shape):
    """Newest first."""

    items: list[FieldRefusal]


class FieldFrame(Shape):
    """One frame; `hex` may be its beginning only, `length` is all of it; `why` it was refused."""

    time: Time
    direction: Literal["in", "out", "refused"]
    hex: str
    text: str
    length: int
    why: str


class FieldFrames(Shape):
    """The last frames of a device, oldest first."""

    items: list[FieldFrame]


class CommandStep(Shape):
    """One step of a command, with the device's own words."""

    time: Time
    state: Literal["queued", "sent", "accepted", "done", "refused", "failed", "expired"]
    detail: str
    values: dict[str, Any]


class DeviceCommand(Shape):
    """What was asked of a device; `detail` is that of the last step."""

    id: str
    station: str
    name: str
    arguments: dict[str, Any]
    state: Literal["queued", "sent", "accepted", "done", "refused", "failed", "expired"]
    asked: Time
    expires: Time
    changed: Time
    by: str
    detail: str
    steps: list[CommandStep]


class LinkEntry(Shape):
    """How a device speaks a field protocol; a secret that is there is null."""

    protocol: str
    identity: str
    password: str | None
    key: str | None
    sources: list[str]
    crc: Literal["hj212", "modbus"]
    crs: Literal["wgs84", "gcj02", "bd09"]
    units: dict[str, str]
    factors: dict[str, str]
    backfill: bool
