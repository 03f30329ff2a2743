"""What is asked of a roster: who is on duty and until when; a calendar for a layer, an override, a swap."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

from alerts.people.book import Book
from alerts.people.form import Name, Span
from alerts.people.roster import Layer, Override, Roster
from alerts.people.rota import layers_of
from hub.clock import rfc3339
from hub.errors import Fault

_AHEAD: Final = 15 * 86_400_000
_BEHIND: Final = 8 * 86_400_000


class Side(Span):
    """The hours of one person that another takes over."""

    person: Name


def duties_of(book: Book, roster: Roster, at: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """By layer, who is on duty at a moment (epoch ms), since when and until when, as JSON values."""
    found = []
    layers = layers_of(book.rota(roster.id, at - _BEHIND, at + _AHEAD))
    for layer in roster.layers:
        piece = next((each for each in layers.get(layer.name, ()) if each[0] <= at < each[1]), None)
        start, end, people = piece or (None, None, ())
        found.append(
            {
                "roster": roster.id,
                "layer": layer.name,
                "people": [_shown(book, name) for name in people],
                "from": None if start is None else rfc3339(start, zone),
                "to": None if end is None else rfc3339(end, zone),
            }
        )
    return found


def _shown(book: Book, name: str) -> dict[str, str]:
    person = book.people.get(name)
    zh, en = (name, name) if person is None else (person.named("zh"), person.named("en"))
    return {"id": name, "name_zh": zh, "name_en": en}


def calendar_layer(book: Book, name: str, layer: str, body: bytes, file: str) -> tuple[Roster | None, list[Fault]]:
    """The roster with the duties of a calendar file in one of its layers; or every mistake in the file."""
    from alerts.people.calendar_in import read_calendar  # with a large library, which few processes need

    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Fault(file, 0, "", f"is not UTF-8 text: byte {error.start}")]
    known = book.rosters.get(name)
    zone = ZoneInfo(known.zone) if known is not None and known.zone else book.zone
    events, faults = read_calendar(text, file, zone, finder(book))
    if faults:
        return None, faults
    fresh = Layer(name=layer, events=events)
    if known is None:
        return Roster(id=name, layers=(fresh,)), []
    layers = [fresh if each.name == layer else each for each in known.layers]
    layers += [] if fresh in layers else [fresh]
    return known.model_copy(update={"layers": tuple(layers)}), []


def finder(book: Book) -> Callable[[str], str | None]:
    """Finds a person of the book by id, name, login or mail address."""
    known: dict[str, str] = {}
    for person in book.people.values():
        for word in (person.name_en, person.name_zh, person.login, person.mail, person.id):
            if word:
                known[word.strip().lower()] = person.id
    return lambda word: known.get(word.strip().lower())


def next_override(roster: Roster, letter: str) -> str:
    """An id that no override and no swap of the roster has."""
    taken = {each.id for each in roster.overrides} | {each.swap for each in roster.overrides}
    numbers = [int(word[1:]) for word in taken if word[:1] == letter and word[1:].isdigit()]
    return f"{letter}{max(numbers, default=0) + 1}"


def swapped(roster: Roster, first: Side, second: Side, layer: str, reason: str, by: str) -> Roster:
    """The roster with two more overrides: each person in the other's hours."""
    swap, number = next_override(roster, "s"), int(next_override(roster, "o")[1:])
    pairs: Iterable[tuple[int, Side, str]] = ((number, first, second.person), (number + 1, second, first.person))
    more = [
        Override.of(
            side.from_,
            side.to,
            id=f"o{n}",
            person=taker,
            instead_of=side.person,
            layer=layer,
            swap=swap,
            reason=reason,
            by=by,
        )
        for n, side, taker in pairs
    ]
    return roster.model_copy(update={"overrides": (*roster.overrides, *more)})
