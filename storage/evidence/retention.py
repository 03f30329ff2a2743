"""How long evidence is kept, and what goes first when the disk fills: never what an open or locked incident holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.evidence import EvidenceKind


@dataclass(frozen=True, slots=True)
class DiskLevels:
    """Free shares of the disk: below `alarm` somebody is told, below `stop` thumbnails and clips are kept no more, below `spare` old ones go."""

    alarm: float = 0.15
    stop: float = 0.10
    spare: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.spare <= self.stop <= self.alarm < 1:
            raise ValueError("low disk: expected 0 <= spare <= stop <= alarm < 1, shares of the disk")


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that each kind is kept; a kind that is not named stays."""

    days: Mapping[EvidenceKind, float]
    disk: DiskLevels = DiskLevels()

    def kept_now(self, kind: str, free: float) -> bool:
        """Whether a new piece of this kind is kept while this share of the disk is free."""
        if free >= self.disk.stop:
            return True
        return kind not in ("thumbnail", "clip") and (free >= self.disk.spare or kind in ("crop", "frame"))
