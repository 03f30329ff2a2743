"""Shapes of the river patrol: cameras, events, coverage, set-up, learning."""

from typing import Any, Literal

from pydantic import Field

from api.documents.shape import Shape, Time

CameraState = Literal["seen", "blind", "lost", "not_set_up", "unknown"]


class PatrolEvidence(Shape):
    """One piece of evidence; its bytes are at /v1/evidence/{sha256}, `prev` the piece before it in the event's chain."""

    sha256: str
    kind: str
    role: str
    media_type: str
    size: int
    captured: Time | None
    prev: str
    person: bool


class PatrolEvent(Shape):
    """One event of a camera; `closed` null while it goes on, `verdict` what an officer said of it."""

    id: str
    station: str
    type: str
    level: int
    opened: Time
    changed: Time
    closed: Time | None
    text: str
    values: dict[str, Any]
    verdict: Literal["confirmed", "rejected"] | None
    evidence: list[PatrolEvidence]


class PatrolBox(Shape):
    """One thing on the latest picture, in its pixels."""

    x: int
    y: int
    w: int
    h: int
    score: float
    label: str
    track: str = ""
    state: str = ""
    size_m: float | None = None


class PatrolSource(Shape):
    """Where pictures are fetched; `password` is only a name."""

    url: str
    password: str
    every_s: float
    key_frames: bool


class PatrolCamera(Shape):
    """One camera: how it is and why, the age of its latest picture in seconds, what is on it, and what goes on."""

    station: str
    name_zh: str
    name_en: str
    lon: float | None
    lat: float | None
    state: CameraState
    cause: str
    picture_time: Time | None
    age_s: float | None
    width: int | None
    height: int | None
    fps: float
    set_up: bool
    calibrated: bool
    version: int
    source: PatrolSource | None
    boxes: list[PatrolBox]
    open: list[PatrolEvent]


class Residual(Shape):
    """How far one ground point misses: as a share of the points' extent, and in metres."""

    share: float | None
    metres: float | None


class Calibration(Shape):
    """What the ground points are worth; `horizon` where it crosses the picture's left and right side."""

    calibrated: bool
    residuals: list[Residual]
    worst_residual: float | None
    horizon: list[list[float]] | None


class PatrolSetup(PatrolCamera):
    """One camera with its set-up; `config` null while none is drawn."""

    config: dict[str, Any] | None
    config_hash: str | None
    calibration: Calibration
    changed: Time | None
    changed_by: str


class SetupMistake(Shape):
    """One thing wrong with a draft."""

    field: str
    value: str
    expected: str


class SetupCheck(Shape):
    """What a draft is worth; nothing was saved."""

    ok: bool
    mistakes: list[SetupMistake]
    calibration: Calibration


class PreviewPicture(Shape):
    """What would have been seen in one stored picture."""

    time: Time
    quality: str
    boxes: list[PatrolBox]


class SetupPreview(Shape):
    """What a draft would have seen in the stored pictures of the period: how many, and by hour."""

    pictures: int
    with_detections: int
    detections: int
    unusable: int
    hours: list[dict[str, Any]]
    items: list[PreviewPicture]


class CoverageBucket(Shape):
    """One period of a camera; the three per cents sum to 100. `debris` none holds for the time seen alone."""

    from_: Time = Field(alias="from")
    to: Time
    seen_s: float
    blind_s: float
    offline_s: float
    seen_percent: float
    blind_percent: float
    offline_percent: float
    causes: dict[str, float]
    debris: Literal["found", "none", "unknown"]
    debris_events: int


class CameraCoverage(Shape):
    """One camera's periods and their sum."""

    station: str
    total: CoverageBucket
    items: list[CoverageBucket]


class CoverageAnswer(Shape):
    """The coverage of cameras by period."""

    zone: str
    every: Literal["1h", "1d", "1mo"]
    cameras: list[CameraCoverage]


class CameraStrip(Shape):
    """A camera's period at a glance: the events in it and its coverage by hour."""

    from_: Time = Field(alias="from")
    to: Time
    events: list[PatrolEvent]
    coverage: list[CoverageBucket]


class PatrolLabel(Shape):
    """What an officer said of an event."""

    id: int
    event: str
    verdict: Literal["confirmed", "rejected"]
    label: str
    reason: str
    crop: str
    at: Time
    by: str


class LearnedModel(Shape):
    """One verifier learned at a site; `judged` holds how it and the one before did on held-back crops."""

    id: int
    state: Literal["candidate", "adopted", "retired"]
    made: Time
    by: str
    labels: int
    judged: dict[str, Any]


class PatrolLearning(Shape):
    """What a site has to learn from, and what it learned; `needed` labels are the least."""

    station: str
    labels: dict[str, int]
    needed: int
    adopted: int | None
    models: list[LearnedModel]
