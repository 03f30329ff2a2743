"""What could not be taken, as it travels on the `dead-letters` topic: nothing is dropped, everything says why."""

from typing import Final

import msgspec

from hub.errors import CorruptRecord


class DeadLetter(msgspec.Struct, frozen=True):
    """`source` is who took it in (`mqtt`, `http`, a protocol, a worker), `topic` where it came from, `reason` a stable word; `received` epoch ms."""

    received: int
    source: str
    topic: str
    reason: str
    detail: str
    payload: bytes
    device: str = ""
    retried: str = ""
    """The dead letter this one comes from, when a retry failed again."""


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(DeadLetter)


def encode_dead_letter(letter: DeadLetter) -> bytes:
    """The bytes of one bus message."""
    return _encoder.encode(letter)


def decode_dead_letter(value: bytes) -> DeadLetter:
    """The dead letter in one bus message.

    Raises:
        CorruptRecord: not a dead letter.
    """
    try:
        return _decoder.decode(value)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not a dead letter: {error}") from error
