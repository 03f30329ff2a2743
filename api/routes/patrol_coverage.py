"""`/v1/patrol/coverage`: how long each camera saw, was blind and why, or was offline; "no debris" holds for the time seen alone."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Asked, InZone, Parts, Who, words_of
from api.patrol.cameras import cameras_named
from api.patrol.ledger import Bucket, buckets, fill
from api.problem import invalid
from hub.model import Station
from storage.records.patrol import coverage, events
from storage.records.patrol.events import EventsAsked
from storage.zones import zone_of

router = APIRouter(tags=["river patrol"])

DAY: Final = 86_400_000
MOST_BUCKETS: Final = 20_000
Cameras = Annotated[
    str | None, Query(max_length=8000, description="DEPARTMENT/camera/DEVICE, with commas between several")
]
EveryAsked = Annotated[Literal["1h", "1d", "1mo"], Query(description="Length of a period; days and months of the zone")]


@router.get("/patrol/coverage", responses=documents.one(documents.CoverageAnswer))
def listing(
    parts: Parts, who: Who, zone: InZone, asked: Asked, camera: Cameras = None, every: EveryAsked = "1h"
) -> Response:
    """The ledger of cameras over [from, to), the last 24 hours where none is named; periods that have not passed count as far as they have."""
    now, info = parts.clock.now(), zone_of(zone)
    start, end = asked.within(now - DAY, now)
    start -= start % coverage.HOUR
    end = min(end, now)
    named = words_of([camera] if camera else None)
    for word in named:
        _is_camera(word)
    with parts.records.read() as tx:
        stations = cameras_named(tx, who, named)
        empty = buckets(start, max(start, end), every, info)
        if len(stations) * len(empty) > MOST_BUCKETS:
            raise invalid("to", f"a shorter range: at most {MOST_BUCKETS} periods of all cameras")
        items = []
        for station in stations:
            hours = coverage.of(tx, station, start, end)
            found = events.listing(tx, EventsAsked(station=station, type="debris", start=start, end=end), limit=1000)
            debris = [(one.opened, now if one.closed is None else one.closed) for one in found.items]
            rows = buckets(start, max(start, end), every, info)
            whole = [Bucket(start, max(start, end))]
            if rows:
                fill(rows, hours, debris)
                fill(whole, hours, debris)
            total = whole[0].item(info)
            items.append({"station": station, "total": total, "items": [row.item(info) for row in rows]})
    return answer({"zone": zone, "every": every, "cameras": items})


def _is_camera(word: str) -> None:
    try:
        kind = Station.parse(word).kind
    except ValueError:
        kind = ""
    if kind != "camera":
        raise invalid("camera", "DEPARTMENT/camera/DEVICE, with commas between several")
