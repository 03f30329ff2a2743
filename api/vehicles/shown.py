"""A track on the way out: as JSON, as GeoJSON (RFC 7946), as GPX 1.1, or as rows of a file."""

import math
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from api.files.table import Cell
from api.rows import place_of
from api.tables import Chunk, Table
from api.times import write_times
from api.vehicles.alarms import alarm_item
from api.vehicles.path import LOADS, Path
from api.vehicles.track import Track
from hub.clock import rfc3339
from hub.model import QUALITY_LETTERS, Check
from storage.zones import zone_of

COLUMNS: Final = ("time", "lon", "lat", "speed", "heading", "load", "quality", "checks")
_FILE: Final = ("department", "kind", "device", "part", *COLUMNS, "zone")
_NUMBERS: Final = frozenset({"part", "lon", "lat", "speed", "heading"})
_PIECE: Final = 20_000
_CHECKS: Final = tuple(" ".join(Check(bits).words()) for bits in range(64))
_GPX: Final = "http://www.topografix.com/GPX/1/1"


def whole(track: Track, zone: str) -> dict[str, Any]:
    """Everything in one object; `parts` holds a list of rows for each unbroken part."""
    parts = [_rows(one, zone) for one in track.parts()]
    return {**_head(track, zone), "columns": COLUMNS, "parts": parts, **_marks(track, zone)}


def geojson(track: Track, zone: str) -> dict[str, Any]:
    """A feature for each unbroken part, with the time of every coordinate, and one for each stop and alarm."""
    features = [_line(number, path, zone) for number, path in enumerate(track.parts())]
    marks = _marks(track, zone)
    for what, items in (("stop", marks["stops"]), ("alarm", marks["alarms"])):
        features += [_feature(_point(item["lon"], item["lat"]), {"what": what, **item}) for item in items]
    return {"type": "FeatureCollection", "features": features, **_head(track, zone)}


def gpx(track: Track) -> bytes:
    """A track with a segment for each unbroken part, stops and alarms as waypoints; times in UTC as GPX wants them."""
    marks = _marks(track, "UTC")
    points = [_waypoint(item, "stop") for item in marks["stops"]]
    points += [_waypoint(item, item["type"]) for item in marks["alarms"] if item["lon"] is not None]
    segments = "".join(f"<trkseg>{''.join(_trackpoints(path))}</trkseg>\n" for path in track.parts())
    name = escape(track.device.name_en or track.device.station)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Streamwarden" xmlns={quoteattr(_GPX)}>\n'
    )
    return f"{text}{''.join(points)}<trk><name>{name}</name>\n{segments}</trk>\n</gpx>\n".encode()


def table(track: Track, zone: str) -> Table:
    """A row for each position that is shown."""
    return Table("track", _FILE, _chunks(track, zone), zone, _NUMBERS, "speed km/h, heading degrees")


def _chunks(track: Track, zone: str) -> Iterator[Chunk]:
    head = tuple(place_of(track.device.station).values())
    for number, path in enumerate(track.parts()):
        for first in range(0, len(path), _PIECE):
            piece = path.take(np.arange(first, min(first + _PIECE, len(path))))
            yield [(*head, number, *row, zone) for row in _rows(piece, zone)]


def _rows(path: Path, zone: str) -> list[list[Cell]]:
    columns = (
        write_times(path.time, zone),
        np.round(path.lon, 7).tolist(),
        np.round(path.lat, 7).tolist(),
        map(_number, path.speed.tolist()),
        map(_number, path.heading.tolist()),
        map(load_word, path.load.tolist()),
        (QUALITY_LETTERS[code] for code in path.quality.tolist()),
        (_CHECKS[bits & 63] for bits in path.checks.tolist()),
    )
    return [list(row) for row in zip(*columns, strict=True)]


def load_word(value: float) -> str | None:
    """How full it is: empty, half, full; None where nobody said."""
    return None if math.isnan(value) or not 0 <= value < len(LOADS) else LOADS[round(value)]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _head(track: Track, zone: str) -> dict[str, Any]:
    course, path, info = track.course, track.course.path, zone_of(zone)
    fastest = course.fastest
    left = track.left_out
    return {
        **place_of(track.device.station),
        "name_zh": track.device.name_zh,
        "name_en": track.device.name_en,
        "zone": zone,
        "from": rfc3339(track.wanted.start, info),
        "to": rfc3339(track.wanted.end, info),
        "positions": len(path),
        "shown": int(track.shown.sum()),
        "left_out": {"unfixed": left.unfixed, "doubtful": left.doubtful, "jumps": left.jumps},
        "distance_km": round(course.metres / 1000, 3),
        "max_speed": None if fastest is None else {**_at(path, fastest, zone), "speed": float(path.speed[fastest])},
    }


def _marks(track: Track, zone: str) -> dict[str, list[dict[str, Any]]]:
    path, info, course = track.course.path, zone_of(zone), track.course
    metres = path.metres()
    stops = [
        {
            "from": rfc3339(int(path.time[stop.first]), info),
            "to": rfc3339(int(path.time[stop.last]), info),
            "seconds": int(path.time[stop.last] - path.time[stop.first]) / 1000,
            "lon": stop.lon,
            "lat": stop.lat,
        }
        for stop in course.stops
    ]
    gaps = [
        {
            "from": rfc3339(int(path.time[place]), info),
            "to": rfc3339(int(path.time[place + 1]), info),
            "seconds": int(path.time[place + 1] - path.time[place]) / 1000,
            "km": round(float(metres[place]) / 1000, 3),
        }
        for place in course.gaps.tolist()
    ]
    alarms = []
    for alarm in track.alarms:
        place = track.place_of(alarm)
        where = {"lon": None, "lat": None} if place is None else _at(path, place, zone)
        alarms.append({**alarm_item(alarm, info), "lon": where["lon"], "lat": where["lat"]})
    return {"stops": stops, "gaps": gaps, "alarms": alarms}


def _at(path: Path, place: int, zone: str) -> dict[str, Any]:
    lon, lat = round(float(path.lon[place]), 7), round(float(path.lat[place]), 7)
    return {"time": rfc3339(int(path.time[place]), zone_of(zone)), "lon": lon, "lat": lat}


def _line(number: int, path: Path, zone: str) -> dict[str, Any]:
    rows = _rows(path, zone)
    places = [[row[1], row[2]] for row in rows]
    alone = len(places) == 1
    geometry = {"type": "Point" if alone else "LineString", "coordinates": places[0] if alone else places}
    properties = {
        "what": "part",
        "part": number,
        "coordTimes": rows[0][0] if alone else [row[0] for row in rows],
        **{name: [row[place] for row in rows] for place, name in enumerate(COLUMNS) if place > 2},
    }
    return _feature(geometry, properties)


def _point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    return None if lon is None else {"type": "Point", "coordinates": [lon, lat]}


def _feature(geometry: dict[str, Any] | None, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _trackpoints(path: Path) -> Iterator[str]:
    for row in _rows(path, "UTC"):
        yield f'<trkpt lat="{row[2]}" lon="{row[1]}"><time>{_utc(row[0])}</time></trkpt>'


def _waypoint(item: dict[str, Any], name: str) -> str:
    place = f'<wpt lat="{item["lat"]}" lon="{item["lon"]}">'
    return f"{place}<time>{_utc(item['from'])}</time><name>{escape(name)}</name></wpt>\n"


def _utc(time: object) -> str:
    return str(time).removesuffix("+00:00") + "Z"
