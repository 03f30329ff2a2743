"""The words that many paths share: which stations and properties, which times, in which zone."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Request
from pydantic import AfterValidator

from api.context import Context, History, context_of, history_of
from api.identity import Identity, viewer
from api.problem import invalid
from api.times import EXPECTED, parse_time
from hub.errors import BadQuery
from hub.model import Station, check_property
from storage.series import Select
from storage.zones import zone_of

DAY: Final = 86_400_000
FAR: Final = 9_223_372_000_000
"""Every engine can answer for times between -FAR and FAR (the years 1677 to 2262), epoch ms."""

MANY: Final = frozenset({"property", "agg", "condition", "level", "state", "types"})
"""Parameters that may be given several times, or once with commas."""

Department = Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,32}$", description="Department")]
Kind = Annotated[Literal["water", "air", "source", "vehicle", "camera"] | None, Query(description="Kind of station")]
Device = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", description="Device")]
Properties = Annotated[
    list[str] | None,
    Query(alias="property", description="Observed properties, repeated or with commas; all when absent"),
]
Property = Annotated[
    str | None, Query(alias="property", pattern=r"^[a-z][a-z0-9_]{0,47}$", description="Observed property")
]
Stations = Annotated[
    str | None,
    Query(max_length=8000, description="Only these, DEPARTMENT/KIND/DEVICE with commas between"),
]
Valid = Annotated[bool, Query(description="Only values that count for means: letter none or N, no invalidating check")]


def _is_time(text: str) -> str:
    try:
        parse_time(text, zone_of("UTC"), 0)
    except (ValueError, OverflowError):
        raise ValueError(f"expected {EXPECTED}") from None
    return text


def _is_zone(name: str) -> str:
    try:
        zone_of(name)
    except BadQuery as error:
        raise ValueError(f"expected {error.expected}") from error
    return name


From = Annotated[
    Annotated[str, AfterValidator(_is_time)] | None,
    Query(alias="from", max_length=64, description=f"Start, included. {EXPECTED}"),
]
To = Annotated[
    Annotated[str, AfterValidator(_is_time)] | None, Query(max_length=64, description=f"End, excluded. {EXPECTED}")
]
Zone = Annotated[
    Annotated[str, AfterValidator(_is_zone)] | None,
    Query(max_length=64, description="IANA zone of the times in the answer; the site's when absent"),
]
Cursor = Annotated[str | None, Query(max_length=2048, description="The `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most items of a page")]
Who = Annotated[Identity, Depends(viewer)]
Viewers = Depends(viewer)
"""For paths that answer everybody but devices alike."""


async def once(request: Request) -> None:
    """Refuse a parameter that is given twice where one value is meant."""
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name in seen and name not in MANY:
            raise invalid(name, "one value")
        seen.add(name)


async def the_context(request: Request) -> Context:
    """The application's parts."""
    return context_of(request)


async def the_history(request: Request) -> History:
    """The part of them that answers questions about the past."""
    return history_of(request)


Parts = Annotated[Context, Depends(the_context)]
Past = Annotated[History, Depends(the_history)]


def words_of(given: list[str] | None) -> tuple[str, ...]:
    """The words of a parameter that may be repeated or hold commas, in order, each once."""
    return tuple(dict.fromkeys(word for part in given or () for word in part.split(",")))


async def selection(
    who: Who,
    department: Department = None,
    kind: Kind = None,
    device: Device = None,
    properties: Properties = None,
    valid: Valid = False,
    stations: Stations = None,
) -> Select:
    """Which series are meant, within what the caller may see."""
    words = words_of(properties)
    for word in words:
        try:
            check_property(word)
        except ValueError as error:
            raise invalid("property", "[a-z][a-z0-9_]{0,47}") from error
    named = _named(who, words_of([stations] if stations else None))
    return Select(scoped(who, department), kind, device, words, valid, named)


def _named(who: Identity, stations: tuple[str, ...]) -> tuple[str, ...]:
    for one in stations:
        try:
            who.need_department(Station.parse(one).department)
        except ValueError as error:
            raise invalid("stations", "DEPARTMENT/KIND/DEVICE, with commas between several") from error
    return stations


def scoped(who: Identity, department: str | None) -> str | None:
    """The department to ask for: the one named when the caller may see it, else the caller's own.

    Raises:
        Problem: `forbidden`.
    """
    if department is None:
        return who.department
    who.need_department(department)
    return department


async def zone_asked(parts: Past, zone: Zone = None) -> str:
    """The zone of the answer."""
    return parts.zone if zone is None else zone


Selected = Annotated[Select, Depends(selection)]
InZone = Annotated[str, Depends(zone_asked)]


@dataclass(frozen=True, slots=True)
class Span:
    """Times [start, end), epoch ms; None where the caller named none."""

    start: int | None
    end: int | None

    def within(self, start: int, end: int) -> tuple[int, int]:
        """The range, with these bounds where none was named."""
        return start if self.start is None else self.start, end if self.end is None else self.end


async def span_asked(parts: Past, zone: InZone, from_: From = None, to: To = None) -> Span:
    """The range that was asked for."""
    now = parts.clock.now()
    start, end = _time("from", from_, zone, now), _time("to", to, zone, now)
    if start is not None and end is not None and end < start:
        raise invalid("to", "a time at or after `from`")
    return Span(start, end)


Asked = Annotated[Span, Depends(span_asked)]


def _time(field: str, text: str | None, zone: str, now: int) -> int | None:
    if text is None:
        return None
    try:
        return min(FAR, max(-FAR, parse_time(text, zone_of(zone), now)))
    except (ValueError, OverflowError) as error:
        raise invalid(field, EXPECTED) from error
