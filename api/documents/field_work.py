"""Shapes of tasks, photos and reports by people."""

from typing import Literal

from pydantic import Field

from api.documents.shape import Shape, Time


class TaskMark(Shape):
    """A step that was done."""

    at: Time
    by: str
    by_hand: bool
    accuracy_m: float | None


class TaskPlace(Shape):
    """Where it is, WGS-84, and the same point as the maps of China show it (GCJ-02: lon, lat)."""

    lon: float
    lat: float
    gcj02: list[float]


class TaskPicture(Shape):
    """The picture that shows what is wrong."""

    sha256: str
    captured: Time | None


class TaskPhoto(Shape):
    """A photo that was taken for the incident."""

    sha256: str
    role: str
    captured: Time
    by: str


class Task(Shape):
    """One incident as the person sees it who works on it by a link."""

    person: str
    incident: str
    number: str
    state: str
    round: int
    level: int
    title: str
    reading: str
    text: str
    since: Time
    place: TaskPlace | None
    place_name: str
    fence_m: float
    arrive_by: Time | None
    solve_by: Time | None
    accepted: TaskMark | None
    arrived: TaskMark | None
    delivered: TaskMark | None
    solved: TaskMark | None
    over: Literal["ended", "other"] | None
    check: Literal["photo", "cleared", "watch"]
    picture: TaskPicture | None
    photos: list[TaskPhoto]
    causes: list[tuple[str, str]]
    names: dict[str, str]
    now: Time


class TaskDone(Shape):
    """The task after an action; `replayed` when it had been done before."""

    task: Task
    replayed: bool


class Attached(Shape):
    """A photo as it was taken in; `warnings` name what is strange about it: nothing is refused for that."""

    sha256: str
    media_type: str
    size: int
    width: int
    height: int
    role: str
    captured: Time | None
    lon: float | None
    lat: float | None
    warnings: list[str]


class TaskPhotoTaken(Attached):
    """A photo that was taken in by a link, and the task with it."""

    task: Task
    replayed: bool


class ReportReporter(Shape):
    """Who reported it; masked for those who do not work on incidents."""

    name: str
    phone: str


class Report(Shape):
    """What somebody reported, and the incident that it is."""

    id: str
    incident: str
    number: str
    same: bool = Field(description="whether the incident was there before")
    source: Literal["hotline", "grid", "patrol", "other"]
    outside: str | None
    department: str
    type: str
    level: int
    text: str
    place: str
    lon: float | None
    lat: float | None
    reporter: ReportReporter
    seen: Time
    received: Time
    taken_by: str


class SimilarIncident(Shape):
    """An open incident that a report may be about too: how far (m) and how long before (s)."""

    incident: str
    number: str
    type: str
    text: str
    level: int
    opened: Time
    distance_m: float | None
    before_s: float


class TaskLink(Shape):
    """A link that somebody was given, and what came of it; never the link itself."""

    person: str
    issued: Time
    expires: Time
    opened: Time | None
    acted: Time | None
    revoked: Time | None
    revoked_by: str


class NewTaskLink(TaskLink):
    """A link just given; `url` is shown this once."""

    url: str


class Links(Shape):
    """How many links were ended."""

    ended: int
