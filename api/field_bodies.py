"""What field staff and reporters send, as OpenAPI shows it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from alerts.field_work.causes import CAUSES
from alerts.field_work.task import TYPES
from api.bodies import Body, Degrees, Department, Name, Title, Words
from api.problem import invalid

Longitude = Degrees
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Accuracy = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Moment = Annotated[str, StringConstraints(max_length=64)]


class TaskBody(Body):
    """What goes with an action: `reason` with decline, place or `reason` with check-in, `text` with done and help, `cause_code` with done."""

    done: Moment | None = None
    reason: Words = ""
    text: Words = ""
    cause_code: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,32}$")] = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy_m: Accuracy | None = None


class LinkFor(Body):
    """Who is to have a link."""

    person: Name


class NewReport(Body):
    """What somebody reports: `station` or a point or words say where; `same_as` names the incident it is, where it is one."""

    type: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
    text: Annotated[Words, StringConstraints(min_length=1)]
    department: Department | None = None
    level: Annotated[int, Field(ge=1, le=4)] = 3
    station: Annotated[str | None, StringConstraints(max_length=128)] = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    crs: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    place: Title = ""
    reporter: Title = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+*#() -]{0,32}$")] = ""
    source: Literal["hotline", "grid", "patrol", "other"] = "other"
    outside: Annotated[str | None, StringConstraints(min_length=1, max_length=64)] = None
    seen: Moment | None = None
    same_as: Annotated[str | None, StringConstraints(max_length=64)] = None


def task_fields(action: str, given: TaskBody) -> dict[str, Any]:
    """The fields of an action.

    Raises:
        Problem: one that it needs is missing.
    """
    return _FIELDS[action](given)


def _accept(given: TaskBody) -> dict[str, Any]:
    del given
    return {}


def _decline(given: TaskBody) -> dict[str, Any]:
    return {"reason": _words(given.reason, "reason")}


def _check_in(given: TaskBody) -> dict[str, Any]:
    if given.lon is None or given.lat is None:
        return {"reason": _words(given.reason, "reason")}
    place = {"lon": given.lon, "lat": given.lat, "accuracy_m": given.accuracy_m}
    return {**{name: value for name, value in place.items() if value is not None}, "reason": given.reason}


def _done(given: TaskBody) -> dict[str, Any]:
    if given.cause_code not in CAUSES:
        raise invalid("cause_code", "one of " + ", ".join(CAUSES), "body")
    return {"text": _words(given.text, "text"), "cause_code": given.cause_code}


def _help(given: TaskBody) -> dict[str, Any]:
    return {"text": _words(given.text, "text")}


_FIELDS: Final[Mapping[str, Callable[[TaskBody], dict[str, Any]]]] = {
    "accept": _accept,
    "decline": _decline,
    "check-in": _check_in,
    "done": _done,
    "help": _help,
}


def _words(text: str, field: str) -> str:
    if not text.strip():
        raise invalid(field, "some words", "body")
    return text


def report_type(given: NewReport) -> str:
    """The type of a report.

    Raises:
        Problem: there is none of this name.
    """
    if given.type not in TYPES:
        raise invalid("type", "one of " + ", ".join(TYPES), "body")
    return given.type
