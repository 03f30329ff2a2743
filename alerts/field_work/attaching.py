"""A photo becomes evidence of an incident: looked at, kept by its hash, attached with a line in the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alerts.field_work.ground import Place, metres_between
from alerts.field_work.photos import Photo, examine
from alerts.views import incident_view, wire
from hub.evidence import Evidence
from storage.evidence import EvidenceFolder
from storage.records import attached, audit, feed, incidents
from storage.records.rows import IncidentRow

ROLES: Final = ("before", "after", "now", "")

_AHEAD_MS: Final = 5 * 60_000
_EARLY_MS: Final = 10 * 60_000
_OLD_MS: Final = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Said:
    """What the sender says of a photo: its role, its SHA-256, when (epoch ms) and where it was taken."""

    role: str = ""
    sha256: str | None = None
    captured: int | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """A photo on its way into an incident: `captured` and `place` are its own where it has any, else what was said."""

    photo: Photo
    role: str
    captured: int | None
    place: Place | None
    data: bytes


def look_at(data: bytes, said: Said, zone: ZoneInfo) -> Intake:
    """The photo and when and where it was taken.

    Raises:
        PhotoRefused: it cannot be evidence.
    """
    photo = examine(data, zone, said.sha256)
    captured = photo.captured if photo.captured is not None else said.captured
    return Intake(photo, said.role, captured, photo.place or said.place, data)


def attach(
    tx: Connection,
    folder: EvidenceFolder,
    row: IncidentRow,
    intake: Intake,
    *,
    by: str,
    at: int,
    zone: ZoneInfo,
    at_place: Place | None = None,
    fence_m: float = 300,
) -> tuple[str, ...]:
    """Keep the bytes and attach them; what is strange about them, which the log says too.

    Raises:
        StoreUnavailable: the bytes cannot be kept.
    """
    warnings = (*intake.photo.warnings, *_strange(intake, row, at, at_place, fence_m))
    folder.put(intake.data)
    photo, place = intake.photo, intake.place
    # A camera cannot have seen the future: a clock that is ahead says nothing.
    captured = None if intake.captured is None or intake.captured > at + _AHEAD_MS else intake.captured
    piece = Evidence(photo.sha256, "photo", photo.media_type, photo.size, captured, intake.role)
    lon, lat = (None, None) if place is None else (place.lon, place.lat)
    new = attached.attach(tx, row.id, piece, by=by, at=at, lon=lon, lat=lat, reason=", ".join(warnings))
    if new:
        audit.note(tx, by, "incident.evidence", row.number, {"sha256": photo.sha256, "role": intake.role}, at=at)
        _show(tx, row.id, zone, at)
    return warnings


def _strange(intake: Intake, row: IncidentRow, at: int, place: Place | None, fence_m: float) -> Iterable[str]:
    if intake.captured is not None:
        if intake.captured > at + _AHEAD_MS:
            yield "captured_ahead"
        elif intake.captured < row.opened - _EARLY_MS:
            yield "captured_before"
        elif at - intake.captured > _OLD_MS:
            yield "captured_long_ago"
    if place is not None and intake.place is not None:
        away = metres_between(intake.place, place)
        if away > fence_m + min(intake.place.accuracy_m or 0.0, fence_m):
            yield "far_away"


def _show(tx: Connection, incident: str, zone: ZoneInfo, at: int) -> None:
    """Let every desk see that there is something new to look at."""
    row = incidents.get(tx, incident)
    assert row is not None  # it was changed a moment ago
    feed.append(tx, "incident", {**wire(incident_view(row), zone), "change": "evidence"}, at=at)
