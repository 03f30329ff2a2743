"""Shapes of proof and figures."""

from typing import Any

from api.documents.responses import Responses
from api.documents.shape import Shape, Time


class ProofKey(Shape):
    """The public key that seals this hub's cases: 32 bytes in base64."""

    algorithm: str
    key: str


class Step(Shape):
    """How long one step took; null where less than that share has happened yet, `open` counts those that go on."""

    step: str
    type: str
    area: str
    count: int
    open: int
    median_s: float | None
    p90_s: float | None


class Officer(Shape):
    """What one person had to bear."""

    officer: str
    notices: int
    night: int
    busiest_hour: int
    acknowledged: int
    closed: int


class FalseAlarms(Shape):
    """How often a rule was wrong, and the causes given."""

    rule: str
    incidents: int
    rejected: int
    false_share: float
    causes: dict[str, int]


class Nuisance(Shape):
    """One rule at one target that fired often."""

    rule: str
    station: str
    property: str | None
    alerts: int
    share: float
    worst_hour: int
    chatter: bool


class Stale(Shape):
    """An alert that stood for more than a day."""

    alert: str
    rule: str
    station: str
    property: str | None
    fired: Time
    cleared: Time | None
    hours: float


class Totals(Shape):
    """The month in a line."""

    incidents: int
    open: int
    solved: int
    rejected: int
    self_cleared: int
    merged: int
    overridden: int
    alerts: int


class FigureAnswer(Shape):
    """The figures of the incidents opened, and alerts begun, in a month."""

    month: str
    as_of: Time
    start: Time
    end: Time
    zone: str
    department: str | None
    totals: Totals
    steps: list[Step]
    officers: list[Officer]
    rules: list[FalseAlarms]
    worst: list[Nuisance]
    stale: list[Stale]


def _file(*media_types: str) -> Responses:
    binary: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file", "content": dict.fromkeys(media_types, binary)}}


CASE: Responses = _file("application/zip", "application/pdf", "application/json")
CAP: Responses = _file("application/cap+xml")
ATOM: Responses = _file("application/atom+xml")
