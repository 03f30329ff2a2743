"""What a simulated device sends, with the truth beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

_ZONE = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One MQTT message: `moment` is its event time (epoch ms), `truth` what the device meant by it."""

    topic: str
    payload: bytes
    moment: int
    truth: Mapping[str, object] = field(default_factory=dict)
    retain: bool = False


class DeviceSimulator(Protocol):
    """A device: asked each period what it sends."""

    def messages(self, moment: int, elapsed: float) -> list[Outgoing]:
        """What it sends at `moment` (epoch ms), `elapsed` seconds into the scenario."""


def rfc3339(moment: int) -> str:
    """Epoch ms as a device in China writes it, milliseconds and +08:00 always shown."""
    whole = datetime.fromtimestamp(moment // 1000, UTC).astimezone(_ZONE)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{moment % 1000:03d}+08:00"
