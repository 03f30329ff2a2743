"""The figures of a month as the outside sees them; durations in seconds, times epoch ms until they are written."""

import msgspec


class StepFigure(msgspec.Struct, frozen=True):
    """How long one step took for one type in one area; None where less than that share has happened yet."""

    step: str
    type: str
    area: str
    count: int
    open: int
    median_s: float | None
    p90_s: float | None


class OfficerFigure(msgspec.Struct, frozen=True):
    """What one person had to bear: notices, by night (22 to 6), in the busiest hour; incidents taken on and ended."""

    officer: str
    notices: int
    night: int
    busiest_hour: int
    acknowledged: int
    closed: int


class RuleFigure(msgspec.Struct, frozen=True):
    """How often a rule was wrong: incidents it had a part in, those rejected, and the causes given."""

    rule: str
    incidents: int
    rejected: int
    false_share: float
    causes: dict[str, int]


class NuisanceFigure(msgspec.Struct, frozen=True):
    """One rule at one target that fired often: in the month, and in its worst hour; `chatter` from three an hour on."""

    rule: str
    station: str
    property: str | None
    alerts: int
    share: float
    worst_hour: int
    chatter: bool


class StaleFigure(msgspec.Struct, frozen=True):
    """An alert that stood for more than a day; `cleared` None while it still does."""

    alert: str
    rule: str
    station: str
    property: str | None
    fired: int
    cleared: int | None
    hours: float


class Totals(msgspec.Struct, frozen=True):
    """The month in a line."""

    incidents: int
    open: int
    solved: int
    rejected: int
    self_cleared: int
    merged: int
    overridden: int
    alerts: int


class Figures(msgspec.Struct, frozen=True):
    """The figures of the incidents opened, and alerts begun, in [start, end), as they stood at `as_of`."""

    month: str
    as_of: int
    start: int
    end: int
    department: str | None
    totals: Totals
    steps: list[StepFigure]
    officers: list[OfficerFigure]
    rules: list[RuleFigure]
    worst: list[NuisanceFigure]
    stale: list[StaleFigure]
