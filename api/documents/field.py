"""Shapes of field devices: connections, frames, commands."""

from typing import Any, Literal

from api.documents.shape import Shape, Time


class FieldProtocolItem(Shape):
    """One protocol; `listen` HOST:PORT, null where it is not listened for."""

    protocol: str
    listen: str | None


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


class FieldFrame(Shape):
    """One frame; `hex` may be its beginning only, `length` is all of it."""

    time: Time
    direction: Literal["in", "out", "refused"]
    hex: str
    text: str
    length: int


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
