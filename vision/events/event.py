"""What the patrol has to say: one event of a kind, opened, updated and closed, always in the words of one structure."""

import hashlib
from typing import Literal

import msgspec

from hub.evidence import Evidence
from vision.detection import Box

Edge = Literal["open", "update", "close"]


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a case at one moment.

    `percent` is per cent of the water (of the frame for a single thing), `pixel` the foot in pixels of the configured frame size, `metre` the same in local
    metres and `lonlat` in degrees; what calibration would give is None without it. `cause` is a stable word where there is one, `values` what only this kind
    measures.
    """

    score: float = 0.0
    size_m: float | None = None
    area_m2: float | None = None
    percent: float | None = None
    count: int = 1
    pixel: tuple[float, float] | None = None
    metre: tuple[float, float] | None = None
    lonlat: tuple[float, float] | None = None
    speed_m_s: float | None = None
    zone: str = ""
    label: str = ""
    box: Box | None = None
    cause: str = ""
    values: dict[str, float] = {}


class PatrolEvent(Facts, frozen=True, kw_only=True):
    """One statement about one event; times are those of frames (epoch ms).

    `start` is when what it is about began, `confirmed` when it was sure and the event opened, `seen` when it was seen last, `time` the frame at which this was
    said. `uncalibrated` says that nothing here is in metres, but in per cent of the picture. `path` is where it went: time, pixel x, pixel y.
    """

    event_id: str
    kind: str
    level: int
    state: Edge
    camera: str
    time: int
    start: int
    confirmed: int
    seen: int
    uncalibrated: bool
    model_version: str
    config_hash: str
    acknowledged: bool = False
    path: tuple[tuple[int, float, float], ...] = ()
    evidence: tuple[Evidence, ...] = ()


def event_id(camera: str, kind: str, start: int, birth: int) -> str:
    """The name of an event, the same in every replay: by camera, kind, start, and place among the things that began in that frame."""
    return hashlib.sha256(f"{camera}|{kind}|{start}|{birth}".encode()).hexdigest()[:32]
