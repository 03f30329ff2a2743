"""What ingest counts; every message ends as stored, refused, ignored, or as partly stored and partly refused."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Totals since the process began; `refused` counts messages by their first reason."""

    received: int = 0
    ignored: int = 0
    rows: int = 0
    values: int = 0
    events: int = 0
    pictures: int = 0
    batches: int = 0
    bytes: int = 0
    appends: int = 0
    failed_appends: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, float]:
        """All of them under names that fit a metric; refusals as `refused.REASON`."""
        plain: dict[str, float] = {name: getattr(self, name) for name in self.__slots__ if name != "refused"}
        return plain | {f"refused.{reason}": count for reason, count in sorted(self.refused.items())}
