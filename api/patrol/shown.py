"""Cameras and events as items of an answer."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from hub.catalogue import Device
from hub.clock import rfc3339
from hub.evidence import Evidence
from hub.pictures import STALE_MS, CameraState, Shown
from storage.records.patrol.cameras import StoredCamera
from storage.records.patrol.events import StoredEvent


def state_of(shown: Shown | None, stored: StoredCamera | None, now: int) -> tuple[CameraState, str]:
    """How a camera is now, and why; what it last said holds only while its pictures are of now."""
    if shown is None:
        return ("not_set_up" if stored is None or not stored.body else "unknown"), ""
    every = 1.0 if stored is None else stored.source.every_s
    if shown.state in ("seen", "blind") and now - shown.received > max(STALE_MS, 3000 * every):
        return "lost", "silent"
    return shown.state, shown.cause


def camera_item(
    device: Device,
    shown: Shown | None,
    stored: StoredCamera | None,
    opened: list[StoredEvent],
    now: int,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """One camera of the wall."""
    state, cause = state_of(shown, stored, now)
    seen = shown if shown is not None and shown.time else None
    return {
        "station": device.station,
        "name_zh": device.name_zh,
        "name_en": device.name_en,
        "lon": device.lon,
        "lat": device.lat,
        "state": state,
        "cause": cause,
        "picture_time": None if seen is None else rfc3339(seen.time, zone),
        "age_s": None if seen is None else max(0.0, round((now - seen.received) / 1000, 1)),
        "width": None if seen is None else seen.width,
        "height": None if seen is None else seen.height,
        "fps": 0.0 if seen is None else round(seen.fps, 2),
        "set_up": bool(stored is not None and stored.body),
        "calibrated": bool(stored is not None and stored.body and msgspec.json.decode(stored.body).get("ground")),
        "version": 0 if stored is None else stored.version,
        "source": source_item(stored),
        "boxes": [] if seen is None else [msgspec.to_builtins(box) for box in seen.boxes],
        "open": [event_item(one, zone) for one in opened],
    }


def source_item(stored: StoredCamera | None) -> dict[str, Any] | None:
    """Where the pictures come from; a password is only named. None where the camera sends them itself."""
    if stored is None or not stored.source.url:
        return None
    source = stored.source
    return {
        "url": source.url,
        "password": source.password,
        "every_s": source.every_s,
        "key_frames": source.key_frames,
    }


def event_item(event: StoredEvent, zone: ZoneInfo) -> dict[str, Any]:
    """One event, from its first picture to its last."""
    return {
        "id": event.id,
        "station": event.station,
        "type": event.type,
        "level": event.level,
        "opened": rfc3339(event.opened, zone),
        "changed": rfc3339(event.changed, zone),
        "closed": None if event.closed is None else rfc3339(event.closed, zone),
        "text": event.text,
        "values": {name: value for name, value in event.facts.items() if name != "features"},
        "verdict": event.verdict,
        "evidence": [evidence_item(piece, zone) for piece in event.evidence],
    }


def evidence_item(piece: Evidence, zone: ZoneInfo) -> dict[str, Any]:
    """One piece of evidence; its bytes are at `/v1/evidence/{sha256}`."""
    return {
        "sha256": piece.sha256,
        "kind": piece.kind,
        "role": piece.role,
        "media_type": piece.media_type,
        "size": piece.size,
        "captured": None if piece.captured is None else rfc3339(piece.captured, zone),
        "prev": piece.prev,
        "person": piece.person,
    }
