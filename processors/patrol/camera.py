"""What the role itself remembers of a camera between two pictures, and what it saves so that a restart goes on where it was."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from hub.files import write_atomic
from processors.patrol.ledger import Ledger
from processors.patrol.trouble import Trouble
from storage.pictures import Pictures

LAYOUT: Final = 1


class Saved(msgspec.Struct):
    """All that is saved of a camera: the next offset to look at by partition, and the state of everything up to there."""

    layout: int = LAYOUT
    config: str = ""
    offsets: dict[int, int] = {}
    time: int = 0
    received: int = 0
    seq: int = 0
    lost: bool = False
    patrol: bytes | None = None
    ledger: Ledger = msgspec.field(default_factory=Ledger)
    trouble: Trouble = msgspec.field(default_factory=Trouble)


@dataclass(slots=True)
class CameraFile:
    """One camera as the role works with it; `version` and `model` are those of the set-up in force, `body` its configuration (JSON)."""

    station: str
    body: bytes = b""
    version: int = 0
    model: int = 0
    models: dict[str, bytes] = field(default_factory=dict)
    gap_ms: int = 0
    saved: Saved = field(default_factory=Saved)
    oldest_unsaved: dict[int, int] = field(default_factory=dict)
    saved_at: float = 0.0
    shown_at: float = 0.0
    kept: int = 0
    rate: float = 0.0
    written: int = 0
    rest_until: float = 0.0
    crashes: int = 0

    @property
    def set_up(self) -> bool:
        """Whether its site is drawn."""
        return bool(self.body)


def load(pictures: Pictures, station: str) -> Saved:
    """What was saved of a camera, or nothing where there is none that can be read: then the water is learned again."""
    try:
        saved = msgspec.msgpack.decode(pictures.state_path(station).read_bytes(), type=Saved)
    except (OSError, msgspec.DecodeError):
        return Saved()
    return saved if saved.layout == LAYOUT else Saved()


def save(pictures: Pictures, camera: CameraFile) -> None:
    """Save it; a frame before `offsets` is never looked at again.

    Raises:
        OSError: the disk is full or away; the offset must not be committed.
    """
    write_atomic(pictures.state_path(camera.station), msgspec.msgpack.encode(camera.saved))
    camera.oldest_unsaved.clear()
