"""What is counted each minute of frame time: for the store of series."""

from collections.abc import Mapping
from typing import Final

import msgspec

from vision.frame import Quality

MINUTE_MS: Final = 60_000


class Minute(msgspec.Struct):
    """The minute that is being counted; `start` is epoch ms. `means` holds sums and counts by name, `suppressed` (cause, track) each once."""

    start: int = 0
    frames: int = 0
    late: int = 0
    raw: int = 0
    tracks: int = 0
    seen_ms: int = 0
    blind_ms: dict[str, int] = {}
    verified: set[int] = set()
    suppressed: set[tuple[str, int]] = set()
    events: dict[str, int] = {}
    means: dict[str, tuple[float, int]] = {}

    def mean(self, values: Mapping[str, float]) -> None:
        """Take a frame's values into the means of the minute."""
        for name, value in values.items():
            total, count = self.means.get(name, (0.0, 0))
            self.means[name] = (total + value, count + 1)

    def quality(self, quality: Quality) -> None:
        """Take a frame's quality into the means."""
        names = ("sharpness", "contrast", "noise", "luma", "clipped")
        self.mean({f"quality_{name}": getattr(quality, name) for name in names})

    def numbers(self) -> dict[str, float]:
        """The minute's figures by name, in order of names."""
        found: dict[str, float] = {
            "fps": self.frames / 60,
            "frames_late": float(self.late),
            "anomalies_raw": float(self.raw),
            "anomalies_verified": float(len(self.verified)),
            "open_tracks": float(self.tracks),
            "seen_s": self.seen_ms / 1000,
            "blind_s": sum(self.blind_ms.values()) / 1000,
        }
        for cause, _ in self.suppressed:
            found[f"suppressed_{cause}"] = found.get(f"suppressed_{cause}", 0.0) + 1
        found |= {f"events_{kind}": float(count) for kind, count in self.events.items()}
        found |= {f"blind_s_{cause}": milliseconds / 1000 for cause, milliseconds in self.blind_ms.items()}
        found |= {name: total / count for name, (total, count) in self.means.items()}
        return dict(sorted(found.items()))
