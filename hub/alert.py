"""What the rules worker says on the `alerts` topic: one transition of one alert."""

import hashlib
from typing import Final

import msgspec

from hub.errors import CorruptRecord
from hub.evidence import Evidence
from hub.model import Condition


class Target(msgspec.Struct, frozen=True):
    """What a rule looks at: a datastream, or a whole device when `property` is None."""

    department: str
    kind: str
    device: str
    property: str | None = None

    def station(self) -> str:
        """The station as `department/kind/device`."""
        return f"{self.department}/{self.kind}/{self.device}"


class AlertTransition(msgspec.Struct, frozen=True, omit_defaults=True):
    """The alert as it stands after its n-th change, whole; times are UTC epoch ms.

    `at` is the event time of the change and `received` the ingest's clock at the batch that brought it; `breach_start`, `fired` and `cleared` are event
    times. `coverage` is the share of [breach_start, fired] that valid data covered. `episode` 'event' alerts come from a device's own finding;
    `evidence` is what it showed by then.
    """

    id: str
    n: int
    rule: str
    rule_version: int
    target: Target
    level: int
    condition: Condition
    at: int
    received: int
    breach_start: int
    fired: int | None = None
    cleared: int | None = None
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    coverage: float | None = None
    backfilled: bool = False
    text: str = ""
    partition: int = 0
    offset: int = 0
    evidence: tuple[Evidence, ...] = ()


def alert_id(rule: str, target: Target, breach_start: int, *, backfilled: bool = False) -> str:
    """The same id for the same rule, target and start of the episode, whoever computes it and how often."""
    words = (rule, target.station(), target.property or "", str(breach_start), "backfilled" if backfilled else "live")
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:24]


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(AlertTransition)


def encode_transition(transition: AlertTransition) -> bytes:
    """The bytes of one bus message."""
    return _encoder.encode(transition)


def decode_transition(value: bytes) -> AlertTransition:
    """The transition in one bus message.

    Raises:
        CorruptRecord: not a transition.
    """
    try:
        return _decoder.decode(value)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not an alert transition: {error}") from error
