"""What routes that take photos have in common: the words of the request, and refusals as problems."""

from typing import Annotated, Any, Final, Literal

from fastapi import Query
from sqlalchemy import Connection

from alerts.field_work.attaching import Intake, Said, attach, look_at
from alerts.field_work.ground import Place
from alerts.field_work.photos import LIMIT, PhotoRefused
from api.context import Context
from api.problem import Problem, invalid
from api.times import EXPECTED, parse_time
from storage.evidence import EvidenceFolder
from storage.records.rows import IncidentRow, target_of
from storage.zones import zone_of

Role = Annotated[Literal["before", "after", "now", ""], Query(description="What the photo is for")]
Sha256 = Annotated[
    str | None, Query(pattern=r"^[0-9a-f]{64}$", description="SHA-256 that the sender made of the bytes")
]
Captured = Annotated[str | None, Query(max_length=64, description="When it was taken, where the photo does not say")]
Lon = Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False, description="Where it was taken, WGS-84")]
Lat = Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)]
Accuracy = Annotated[float | None, Query(ge=0, le=1e6, allow_inf_nan=False, description="How far off that may be, m")]

_KINDS: Final = {
    "too-large": "too-large",
    "format": "unsupported-media-type",
    "heic": "unsupported-media-type",
    "empty": "refused",
    "broken": "refused",
    "hash": "refused",
}
PHOTO_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            name: {"schema": {"type": "string", "format": "binary"}}
            for name in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


def said_of(
    parts: Context,
    role: str,
    sha256: str | None,
    captured: str | None,
    lon: float | None,
    lat: float | None,
    accuracy_m: float | None,
) -> Said:
    """What the request says of its photo.

    Raises:
        Problem: the time is none.
    """
    try:
        time = None if captured is None else parse_time(captured, zone_of(parts.zone), parts.clock.now())
    except (ValueError, OverflowError) as error:
        raise invalid("captured", EXPECTED) from error
    place = None if lon is None or lat is None else Place(lon, lat, accuracy_m)
    return Said(role, sha256, time, place)


def looked_at(data: bytes, said: Said, parts: Context) -> Intake:
    """The photo, or why it is not taken as a problem."""
    try:
        return look_at(data, said, zone_of(parts.zone))
    except PhotoRefused as error:
        extra: dict[str, Any] = {"limit": LIMIT} if error.why == "too-large" else {"reason": error.why}
        raise Problem(_KINDS[error.why], str(error), zh=error.zh, **extra) from error


def shown(intake: Intake, warnings: tuple[str, ...], parts: Context) -> dict[str, object]:
    """The photo as the interface shows it."""
    photo, place = intake.photo, intake.place
    return {
        "sha256": photo.sha256,
        "media_type": photo.media_type,
        "size": photo.size,
        "width": photo.width,
        "height": photo.height,
        "role": intake.role,
        "captured": None if intake.captured is None else parts.zone_text(intake.captured),
        "lon": None if place is None else place.lon,
        "lat": None if place is None else place.lat,
        "warnings": list(warnings),
    }


def attached(tx: Connection, parts: Context, row: IncidentRow, intake: Intake, by: str) -> tuple[str, ...]:
    """Attach the photo to the incident in somebody's name; what is strange about it."""
    device = parts.register.now().devices.get(target_of(row).station())
    lon, lat = row.lon, row.lat
    if lon is None and device is not None:
        lon, lat = device.lon, device.lat
    return attach(
        tx,
        EvidenceFolder(parts.evidence),
        row,
        intake,
        by=by,
        at=parts.clock.now(),
        zone=zone_of(parts.zone),
        at_place=None if lon is None or lat is None else Place(lon, lat),
        fence_m=parts.settings.incidents.geofence_m,
    )
