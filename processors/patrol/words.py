"""The patrol's events as findings of the camera, in the words of the bus."""

from typing import Final

from hub.event import DeviceEvent
from vision.events.event import PatrolEvent

Value = float | str | bool | None
MOST_STEPS: Final = 32


def device_event(event: PatrolEvent, received: int) -> DeviceEvent:
    """The finding that travels on the bus; `received` is when its picture came, epoch ms."""
    return DeviceEvent(
        kind="finding",
        station=event.camera,
        time=event.time,
        received=received,
        type=event.kind,
        level=event.level,
        text=_text(event),
        values=_values(event),
        key=event.event_id,
        edge=event.state,
        evidence=event.evidence,
    )


def _text(event: PatrolEvent) -> str:
    """What it is in figures and stable words, without a sentence: it is read in two languages."""
    size = "" if event.size_m is None else f"{event.size_m:.2f} m"
    area = "" if event.area_m2 is None else f"{event.area_m2:.2f} m2"
    share = f"{event.percent:.2f} %" if event.percent is not None and not (size or area) else ""
    count = f"x {event.count}" if event.count > 1 else ""
    return ", ".join(part for part in (size, area, share, count, event.label, event.zone, event.cause) if part)


def _values(event: PatrolEvent) -> dict[str, Value]:
    """All figures that are known, flat."""
    x, y = event.pixel or (None, None)
    east, north = event.metre or (None, None)
    lon, lat = event.lonlat or (None, None)
    known: dict[str, Value] = {
        "score": round(event.score, 4),
        "size_m": _short(event.size_m),
        "area_m2": _short(event.area_m2),
        "percent": _short(event.percent),
        "count": event.count,
        "x": _short(x),
        "y": _short(y),
        "east": _short(east),
        "north": _short(north),
        "lon": lon,
        "lat": lat,
        "speed_m_s": _short(event.speed_m_s),
        "zone": event.zone or None,
        "label": event.label or None,
        "cause": event.cause or None,
        "uncalibrated": event.uncalibrated or None,
        "acknowledged": event.acknowledged or None,
        "start": event.start,
        "confirmed": event.confirmed,
        "seen": event.seen,
        "model": event.model_version,
        "config": event.config_hash[:16],
        "path": _way(event) or None,
    }
    if event.box is not None:
        known |= dict(zip(("box_x", "box_y", "box_w", "box_h"), map(float, event.box), strict=True))
    known |= {f"measured_{name}": _short(value) for name, value in event.values.items()}
    return {name: value for name, value in known.items() if value is not None}


def _way(event: PatrolEvent) -> str:
    """Where it went in the picture, "x,y x,y": the first step, the last, and as many between as a line on a picture needs."""
    steps = event.path
    every = max(1, -(-len(steps) // MOST_STEPS))
    kept = [*steps[:-1:every], *steps[-1:]]
    return " ".join(f"{x:g},{y:g}" for _, x, y in kept) if len(kept) > 1 else ""


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
