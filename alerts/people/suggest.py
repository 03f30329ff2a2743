"""Whom to send: the area's people by whether they can be reached, are on duty and are near, each with the reason."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from alerts.people.book import Book
from alerts.people.peace import back_at
from alerts.people.person import Person
from alerts.people.rota import rota
from storage.records.people import PlaceRow

_EARTH_M: Final = 6_371_000.0
_AHEAD_MS: Final = 36 * 3_600_000
_STALE_MS: Final = 12 * 3_600_000
"""A place seen longer ago says little; the usual place of the person is better."""


class Suggestion(msgspec.Struct, frozen=True):
    """One person and why they stand where they do; `distance_m` metres, `until` the end of their shift (epoch ms)."""

    person: str
    name_zh: str
    name_en: str
    unit: str
    phone: str
    reachable: bool
    on_duty: bool
    until: int | None
    roster: str
    distance_m: float | None
    seen: int | None
    open: int
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What is asked for: areas (innermost first), place (degrees) where it is known, now (epoch ms), open incidents by owner."""

    areas: tuple[str, ...]
    lon: float | None
    lat: float | None
    now: int
    places: Mapping[str, PlaceRow]
    busy: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Shift:
    roster: str
    until: int


def suggest(book: Book, scene: Scene) -> list[Suggestion]:
    """The people of the area's units, and of its rosters, the best first."""
    units = book.units_of(scene.areas) or tuple(book.units.values())
    unit_of = {person: unit.id for unit in reversed(units) for person in (*unit.leaders, *unit.members)}
    shifts = _shifts(book, scene.now)
    found = [
        _judged(book, scene, book.people[name], unit, shifts.get(name))
        for name, unit in unit_of.items()
        if name in book.people
    ]
    return sorted(found, key=_order)


def _order(one: Suggestion) -> tuple[bool, bool, int, float, str]:
    distance = math.inf if one.distance_m is None else one.distance_m
    return not one.reachable, not one.on_duty, one.open, distance, one.person


def _shifts(book: Book, now: int) -> dict[str, _Shift]:
    """Who is on duty now, by which roster, and until when."""
    found: dict[str, _Shift] = {}
    for name, roster in sorted(book.rosters.items()):
        duties = rota(roster, book.zone, now, now + _AHEAD_MS).duties
        for person in duties[0].people():
            ends = next((duty.start for duty in duties if person not in duty.people()), duties[-1].end)
            found.setdefault(person, _Shift(name, ends))
    return found


def _judged(book: Book, scene: Scene, person: Person, unit: str, shift: _Shift | None) -> Suggestion:
    ways = book.usable(person)
    away = back_at(person, scene.now) > scene.now
    distance, seen = _distance(scene, person)
    en, zh = _words(book, scene, person, shift, distance, seen)
    return Suggestion(
        person.id,
        person.named("zh"),
        person.named("en"),
        unit,
        person.phone,
        bool(ways) and not away,
        shift is not None,
        None if shift is None else shift.until,
        "" if shift is None else shift.roster,
        None if distance is None else round(distance),
        seen,
        scene.busy.get(person.id, 0),
        en,
        zh,
    )


def _distance(scene: Scene, person: Person) -> tuple[float | None, int | None]:
    """Metres to the place, and when the person was seen there (epoch ms), None for their usual place."""
    if scene.lon is None or scene.lat is None:
        return None, None
    place = scene.places.get(person.id)
    if place is not None and scene.now - place.at <= _STALE_MS:
        return metres(place.lon, place.lat, scene.lon, scene.lat), place.at
    if person.at is not None:
        return metres(person.at.lon, person.at.lat, scene.lon, scene.lat), None
    return None, None


def _words(
    book: Book, scene: Scene, person: Person, shift: _Shift | None, distance: float | None, seen: int | None
) -> tuple[str, str]:
    pairs: list[tuple[str, str]] = []
    if shift is not None:
        until = datetime.fromtimestamp(shift.until / 1000, UTC).astimezone(book.zone).strftime("%m-%d %H:%M")
        pairs.append((f"on duty until {until} ({shift.roster})", f"当班至 {until}（{shift.roster}）"))
    else:
        pairs.append(("not on duty", "不当班"))
    if back_at(person, scene.now) > scene.now:
        pairs.append(("away", "请假"))
    elif ways := book.usable(person):
        names = "、".join(way.receiver for way, _, _ in ways)
        pairs.append((f"reached by {names.replace('、', ', ')}", f"可通过 {names} 联系"))
    else:
        pairs += [(en, zh) for _, en, zh in book.wants(person)[:1]]
    if distance is not None:
        far = f"{distance / 1000:.1f} km" if distance >= 1000 else f"{distance:.0f} m"
        ago = 0 if seen is None else (scene.now - seen) // 60_000
        usual = (f"{far} away by their usual place", f"距常驻点 {far}")
        pairs.append(usual if seen is None else (f"{far} away {ago} min ago", f"{ago} 分钟前相距 {far}"))
    if count := scene.busy.get(person.id, 0):
        pairs.append((f"{count} open incidents already", f"手头已有 {count} 起未结事件"))
    return "; ".join(en for en, _ in pairs), "；".join(zh for _, zh in pairs)


def busy_of(owners: Iterable[str | None]) -> dict[str, int]:
    """How many open incidents each person has."""
    found: dict[str, int] = {}
    for owner in owners:
        if owner:
            found[owner] = found.get(owner, 0) + 1
    return found


def metres(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """The great-circle distance of two places in degrees, WGS-84 taken as a sphere."""
    one, two = math.radians(lat), math.radians(to_lat)
    half = math.sin((two - one) / 2) ** 2
    half += math.cos(one) * math.cos(two) * math.sin(math.radians(to_lon - lon) / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(half))
