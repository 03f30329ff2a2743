"""What a device itself found or said, as it travels on the `events` topic: findings, vehicle alarms, online and offline."""

from typing import Final, Literal

import msgspec

from hub.errors import CorruptRecord
from hub.evidence import Evidence


class DeviceEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding (`type` and `level` given by the device), one status (`type` online or offline), or one note that asks nothing of anybody
    (`type` waybill); times epoch ms.
    """

    kind: Literal["finding", "status", "note"]
    station: str
    time: int
    received: int
    type: str
    level: int = 4
    text: str = ""
    values: dict[str, float | str | bool | None] = {}
    time_assumed: bool = False
    key: str = ""
    edge: Literal["", "open", "update", "close"] = ""
    evidence: tuple[Evidence, ...] = ()


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(DeviceEvent)


def encode_event(event: DeviceEvent) -> bytes:
    """The bytes of one bus message."""
    return _encoder.encode(event)


def decode_event(value: bytes) -> DeviceEvent:
    """The event in one bus message.

    Raises:
        CorruptRecord: not a device event.
    """
    try:
        return _decoder.decode(value)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not a device event: {error}") from error
