"""Shapes of dead letters and of what became of a message."""

from typing import Literal

from api.documents.shape import Shape, Time


class DeadLetter(Shape):
    """What could not be taken."""

    id: int
    received: Time
    source: str
    topic: str
    reason: str
    detail: str
    device: str
    size: int
    state: Literal["kept", "retried", "dropped"]
    retry_of: str | None
    settled: Time | None
    settled_by: str | None


class Refusal(Shape):
    """Why a part of a message was not taken."""

    reason: str
    detail: str


class Stored(Shape):
    """What of a message was stored."""

    readings: int
    values: int
    events: int
    frames: int


class Taken(Shape):
    """What became of a device's message; all of it is durable."""

    stored: Stored
    refused: list[Refusal]


class Retried(Taken):
    """What became of a dead letter's bytes."""

    id: int
    state: Literal["retried"]
