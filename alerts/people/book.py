"""Everything that is written down of people, in one piece: who is meant by a word, what area something lies in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import Connection

from alerts.people.area import Area
from alerts.people.form import Kept
from alerts.people.person import Person, Unit, Way, is_personal
from alerts.people.plan import Matter, Plan, chosen
from alerts.people.roster import Roster
from alerts.people.rota import Duty, Rota, rota
from hub.errors import CorruptRecord
from storage.records import people
from storage.records.people import Written

SORTS: dict[str, type[Kept]] = {"person": Person, "unit": Unit, "area": Area, "roster": Roster, "plan": Plan}


@dataclass(frozen=True, slots=True)
class Book:
    """People, units, areas, rosters and plans by id; `channels` are the kinds of the receivers that the settings name."""

    zone: ZoneInfo
    channels: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    rosters: Mapping[str, Roster] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)

    @classmethod
    def of(cls, things: Iterable[Kept], zone: ZoneInfo, channels: Mapping[str, str]) -> "Book":
        """The book that these make."""
        found: dict[type[Kept], dict[str, Kept]] = {sort: {} for sort in SORTS.values()}
        for thing in things:
            found[type(thing)][thing.id] = thing
        persons, units, areas, rosters, plans = (found[sort] for sort in SORTS.values())
        return cls(zone, channels, persons, units, areas, rosters, plans)  # type: ignore[arg-type]

    def things(self) -> Iterable[Kept]:
        """All of it, in the order in which each can be read without those after it."""
        for kept in (self.people, self.units, self.areas, self.rosters, self.plans):
            yield from kept.values()

    def areas_of(
        self, station: str, section: str = "", lon: float | None = None, lat: float | None = None
    ) -> tuple[str, ...]:
        """The areas that something lies in, the innermost first."""
        direct = [area.id for area in self.areas.values() if area.holds(station, section, lon, lat)]
        lines = [self.line(area) for area in direct]
        depth = {area: len(line) - place for line in lines for place, area in enumerate(line)}
        return tuple(sorted(depth, key=lambda area: (-depth[area], area)))

    def line(self, area: str) -> list[str]:
        """The area and those it lies in, the innermost first; what goes in a circle ends where it began."""
        found: list[str] = []
        while area in self.areas and area not in found:
            found.append(area)
            area = self.areas[area].parent
        return found

    def plan(self, matter: Matter) -> Plan | None:
        """The plan for it, None where there is none."""
        return chosen(self.plans.values(), matter)

    def units_of(self, areas: Iterable[str]) -> tuple[Unit, ...]:
        """The units of areas, each once, in the areas' order."""
        names = dict.fromkeys(unit for area in areas if area in self.areas for unit in self.areas[area].units)
        return tuple(self.units[name] for name in names if name in self.units)

    def meant(self, word: str, areas: Iterable[str], at: int) -> tuple[str, ...]:
        """Who is meant by a word of a plan at a moment (epoch ms), in order; ids of people, also unknown ones."""
        kind, _, name = word.partition(":")
        match kind:
            case "person":
                return (name,)
            case "unit":
                return self.units[name].members if name in self.units else ()
            case "roster":
                roster, _, layer = name.partition("/")
                duty = self.duty(roster, at)
                return () if duty is None else duty.people(layer)
            case _:
                units = self.units_of(areas) if not name else tuple(filter(None, [self.units.get(name)]))
                return tuple(dict.fromkeys(person for unit in units for person in unit.leaders))

    def duty(self, roster: str, at: int) -> Duty | None:
        """Who of a roster is on duty at a moment (epoch ms), None where there is no such roster."""
        known = self.rosters.get(roster)
        return None if known is None else rota(known, self.zone, at, at + 1).on(at)

    def rota(self, roster: str, start: int, end: int) -> Rota:
        """The duties of a roster in [start, end), epoch ms; none where there is no such roster."""
        known = self.rosters.get(roster)
        return Rota(()) if known is None else rota(known, self.zone, start, end)

    def usable(self, person: Person) -> tuple[tuple[Way, str, str], ...]:
        """A person's ways that the settings still know, with the kind of channel and the address, in order."""
        found = []
        for way in person.ways:
            channel = self.channels.get(way.receiver, "")
            address = person.address(channel, way)
            if channel and address and (is_personal(channel) or way.address):
                found.append((way, channel, address))
        return tuple(found)

    def wants(self, person: Person) -> list[tuple[str, str, str]]:
        """What is missing of a person's ways: (field, English, Chinese)."""
        wants: list[tuple[str, str, str]] = []
        if not person.ways:
            wants.append(("ways", "has no channel", "未设置任何通知通道"))
        for place, way in enumerate(person.ways):
            channel = self.channels.get(way.receiver, "")
            where = f"ways.{place}"
            if not channel:
                said = f"channel {way.receiver} is not in hub.toml any more", f"通道 {way.receiver} 已不在 hub.toml 中"
            elif not is_personal(channel) and not way.address:
                said = f"channel {way.receiver} speaks to a group", f"通道 {way.receiver} 只能发到群"
            elif not person.address(channel, way):
                lacks = {"sms": "phone", "smpp": "phone", "voice": "phone", "email": "mail"}.get(channel, "user id")
                chinese = {"phone": "手机号", "mail": "邮箱"}.get(lacks, "用户ID")
                said = f"has no {lacks} for channel {way.receiver}", f"缺少通道 {way.receiver} 所需的{chinese}"
            else:
                continue
            wants.append((where, *said))
        return wants


def read(written: Written) -> Kept:
    """What a row says.

    Raises:
        CorruptRecord: nobody of ours wrote it.
    """
    try:
        return SORTS[written.sort].model_validate_json(written.body)
    except (ValidationError, KeyError) as error:
        raise CorruptRecord(f"{written.sort} {written.id}: {error}") from error


def body_of(thing: Kept) -> str:
    """The JSON text of a row; what stands as it would anyway is left out."""
    return thing.model_dump_json(by_alias=True, exclude_defaults=True)


class Shelf:
    """Gives the book as it stands in the records, and reads it again only when something changed."""

    def __init__(self, zone: ZoneInfo, channels: Mapping[str, str]) -> None:
        self._zone = zone
        self._channels = dict(channels)
        self._known: tuple[people.Stamp, Book] | None = None

    def book(self, tx: Connection) -> Book:
        """The book as the transaction sees it."""
        stamp = people.stamp(tx)
        known = self._known
        if known is not None and known[0] == stamp:
            return known[1]
        fresh = Book.of((read(each) for each in people.listing(tx)), self._zone, self._channels)
        if not people.is_changed(tx):
            # What this transaction changed itself may still be rolled back.
            self._known = (stamp, fresh)
        return fresh
