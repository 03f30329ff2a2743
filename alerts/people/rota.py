"""Who is on duty in every moment of a window: layers, shifts, turns and overrides made into pieces with one answer each."""

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerts.people.recurrence import occurrences
from alerts.people.roster import Layer, Override, Roster, Shift
from alerts.people.wall import at, day_of, span_on

_DAY: Final = timedelta(days=1)

Pieces = list[tuple[int, int, tuple[str, ...]]]
"""[start, end) in epoch ms and who has the turn; in order, none over another, no empty one."""


@dataclass(frozen=True, slots=True)
class Duty:
    """[start, end) in epoch ms, and who is on duty then: (layer, person) in the order of the layers."""

    start: int
    end: int
    on: tuple[tuple[str, str], ...]

    def people(self, layer: str = "") -> tuple[str, ...]:
        """Who, each once, those of one layer where it is named."""
        return tuple(dict.fromkeys(person for name, person in self.on if layer in ("", name)))


@dataclass(frozen=True, slots=True)
class Rota:
    """The duties of a roster that fill [start, end) without a hole."""

    duties: tuple[Duty, ...]

    def on(self, instant: int) -> Duty | None:
        """The duty at an instant (epoch ms), None outside the window."""
        place = bisect_right(self.duties, instant, key=lambda each: each.start) - 1
        return self.duties[place] if place >= 0 and instant < self.duties[place].end else None


def rota(roster: Roster, zone: ZoneInfo, start: int, end: int) -> Rota:
    """Who is on duty in [start, end), epoch ms; `zone` holds where the roster names none."""
    own = ZoneInfo(roster.zone) if roster.zone else zone
    layers = [
        (layer, _overridden(roster, layer, _turns(roster, layer, own, start, end), start, end))
        for layer in roster.layers
    ]
    edges = sorted({start, end, *(edge for _, pieces in layers for first, last, _ in pieces for edge in (first, last))})
    cursors = [_Cursor(pieces) for _, pieces in layers]
    duties: list[Duty] = []
    for first, last in itertools.pairwise(edges):
        on: list[tuple[str, str]] = []
        for (layer, _), cursor in zip(layers, cursors, strict=True):
            people = cursor.at(first)
            on += [(layer.name, person) for person in people]
            if layer.covers and people:
                break
        if duties and duties[-1].on == tuple(on):
            duties[-1] = Duty(duties[-1].start, last, tuple(on))
        else:
            duties.append(Duty(first, last, tuple(on)))
    return Rota(tuple(duties))


class _Cursor:
    """Walks along pieces; asked only forward."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._place = 0

    def at(self, instant: int) -> tuple[str, ...]:
        while self._place < len(self._pieces) and self._pieces[self._place][1] <= instant:
            self._place += 1
        if self._place < len(self._pieces) and self._pieces[self._place][0] <= instant:
            return self._pieces[self._place][2]
        return ()


def _turns(roster: Roster, layer: Layer, zone: ZoneInfo, start: int, end: int) -> Pieces:
    """A layer's pieces within the window, before overrides; where hours overlap the later ones begin when the earlier end."""
    if layer.events:
        found = sorted(
            (first, last, tuple(event.who.split("+")))
            for event in layer.events
            for first, last in occurrences(event, start, end)
        )
        return _together(found, start, end)
    pieces: Pieces = []
    reached = start
    for first, last, person in _rotation(roster, layer, zone, start, end):
        begins, ends = max(first, reached), min(last, end)
        if begins < ends:
            pieces.append((begins, ends, person))
            reached = ends
    return pieces


def _together(found: Pieces, start: int, end: int) -> Pieces:
    """Events may overlap: who has them is on duty together."""
    edges = sorted({min(max(edge, start), end) for first, last, _ in found for edge in (first, last)})
    pieces: Pieces = []
    for first, last in itertools.pairwise(edges):
        people = dict.fromkeys(
            who for begin, finish, turn in found if begin <= first and last <= finish for who in turn
        )
        if people:
            pieces.append((first, last, tuple(people)))
    return pieces


def _rotation(
    roster: Roster, layer: Layer, zone: ZoneInfo, start: int, end: int
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Every turn's hours of the days that touch the window, in order."""
    shifts = layer.shifts or (Shift.model_validate({"from": layer.handover, "to": layer.handover}),)
    day, last_day = day_of(zone, start) - 2 * _DAY, day_of(zone, end) + _DAY
    while day <= last_day:
        for place in _running(roster, layer, shifts, day):
            first, last = span_on(zone, day, shifts[place].from_, shifts[place].to)
            if layer.rotate == "shift":
                yield first, last, _holder(layer, _shift_number(roster, layer, shifts, day, place))
            else:
                yield from _by_days(layer, zone, first, last, day)
        day += _DAY


def _by_days(
    layer: Layer, zone: ZoneInfo, first: int, last: int, day: date
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The hours [first, last) cut where a turn is handed over on that day or the next."""
    edges = [at(zone, day + offset * _DAY, layer.handover) for offset in (0, 1)]
    cuts = [first, *(edge for edge in edges if first < edge < last), last]
    for begin, finish in itertools.pairwise(cuts):
        passed = sum(edge <= begin for edge in edges)
        days = (day - layer.start).days + passed - 1
        if days >= 0:
            yield begin, finish, _holder(layer, days // layer.days)


def _running(roster: Roster, layer: Layer, shifts: tuple[Shift, ...], day: date) -> list[int]:
    """The places of the shifts that start on a day, by their hour."""
    if day < layer.start or (layer.holidays != "as_usual" and (day in roster.holidays) != (layer.holidays == "only")):
        return []
    weekday = roster.runs_as.get(day, day.isoweekday())
    return sorted((n for n, shift in enumerate(shifts) if weekday in shift.days), key=lambda n: shifts[n].from_)


def _shift_number(roster: Roster, layer: Layer, shifts: tuple[Shift, ...], day: date, place: int) -> int:
    """How many shifts the calendar has between the layer's start and this one; holidays do not move the row."""
    weeks, rest = divmod((day - layer.start).days, 7)
    before = [layer.start + n * _DAY for n in range(rest)]
    weekday = roster.runs_as.get(day, day.isoweekday())
    by_hour = sorted(range(len(shifts)), key=lambda n: shifts[n].from_)
    return (
        weeks * sum(len(set(shift.days)) for shift in shifts)
        + sum(each.isoweekday() in shift.days for each in before for shift in shifts)
        + sum(weekday in shifts[n].days for n in by_hour[: by_hour.index(place)])
    )


def _holder(layer: Layer, turn: int) -> tuple[str, ...]:
    return tuple(layer.members[turn % len(layer.members)].split("+"))


def _overridden(roster: Roster, layer: Layer, pieces: Pieces, start: int, end: int) -> Pieces:
    for override in roster.overrides:
        if override.layer in ("", layer.name) and override.start < end and start < override.end:
            pieces = list(_apply(override, pieces, max(start, override.start), min(end, override.end)))
    return pieces


def _apply(override: Override, pieces: Pieces, start: int, end: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The pieces with the override's in [start, end); without `instead_of` it also fills hours that had nobody."""
    put = tuple(override.person.split("+")) if override.person else ()
    if not override.instead_of:
        outside = [
            each
            for first, last, who in pieces
            for each in ((first, min(last, start), who), (max(first, end), last, who))
        ]
        outside += [(start, end, put)] if put else []
        yield from sorted(each for each in outside if each[0] < each[1])
        return
    for first, last, who in pieces:
        for begin, finish in _cut(first, last, (start, end)):
            within = start <= begin and finish <= end and override.instead_of in who
            now = _replaced(who, override.instead_of, put) if within else who
            if now:
                yield begin, finish, now


def _cut(first: int, last: int, edges: Iterable[int]) -> Iterator[tuple[int, int]]:
    cuts = [first, *(edge for edge in edges if first < edge < last), last]
    yield from itertools.pairwise(cuts)


def _replaced(who: tuple[str, ...], gone: str, put: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for person in who for each in (put if person == gone else (person,))))


def layers_of(found: Rota) -> dict[str, Pieces]:
    """By layer, the stretches in which the same people are on duty."""
    layers: dict[str, Pieces] = {}
    for duty in found.duties:
        for layer in dict.fromkeys(name for name, _ in duty.on):
            who = duty.people(layer)
            pieces = layers.setdefault(layer, [])
            if pieces and pieces[-1][1] == duty.start and pieces[-1][2] == who:
                pieces[-1] = (pieces[-1][0], duty.end, who)
            else:
                pieces.append((duty.start, duty.end, who))
    return layers


def window(zone: ZoneInfo, instant: int, days: int) -> tuple[int, int]:
    """From the beginning of the instant's day in the zone, so many days, epoch ms."""
    day = day_of(zone, instant)
    midnight = datetime.min.time()
    return at(zone, day, midnight), at(zone, day + days * _DAY, midnight)
