"""Calls by template: words put into an address, headers and a body, and conditions on what is answered."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import msgspec

from alerts.brief import shortened
from alerts.calling import Reply
from hub.errors import ConfigError, Fault

_PLACE: Final = re.compile(r"\{([a-z][a-z_]*(?:\.[A-Za-z0-9_]+)?)(?::(\d{1,4}))?\}")
_TERM: Final = re.compile(
    r"\s*(?P<path>status|text|\$[A-Za-z0-9_.\[\]]*)\s*(?P<op>==|!=|contains|in)\s*(?P<value>\".*?\"|\[.*?\]|[^\s\"]+)\s*"
)
_JOIN: Final = re.compile(r"(and|or)\b")
_NOTHING: Final = object()
_STEP: Final = re.compile(r"\.?([A-Za-z0-9_]+)|\[(\d+)\]")

Escape = Callable[[str], str]


def fill(template: str, words: Mapping[str, str], escaped: Escape = str) -> str:
    """The template with `{word}` replaced, `{word:20}` cut to 20 characters; each word escaped for where it stands."""

    def put(found: re.Match[str]) -> str:
        word = words[found[1]]
        return escaped(shortened(word, int(found[2])) if found[2] else word)

    return _PLACE.sub(put, template)


def check_template(template: str, known: Mapping[str, str], key: str) -> list[Fault]:
    """The words of a template that nobody knows."""
    return [
        Fault("hub.toml", 0, key, f"{key}: unknown word {{{found[1]}}}; known are {', '.join(sorted(known))}")
        for found in _PLACE.finditer(template)
        if found[1] not in known
    ]


def escaping(content_type: str) -> Escape:
    """How a word is escaped in a body of this type."""
    if "json" in content_type:
        return lambda word: msgspec.json.encode(word).decode()[1:-1]
    if "x-www-form-urlencoded" in content_type:
        return quote_plus
    return escape if "xml" in content_type else str


def in_url(word: str) -> str:
    """A word as it stands in an address."""
    return quote(word, safe="")


def in_header(word: str) -> str:
    """A word as it stands in a header: one line of printable ASCII."""
    return re.sub(r"[^\x20-\x7e]", "", word)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on an answer: terms such as `status == 200`, `$.code in [0, "0"]`, `text contains "ok"`, joined by `and`, or by `or`."""

    terms: tuple[tuple[str, str, Any], ...]
    every: bool

    @classmethod
    def parse(cls, text: str, key: str) -> "Condition | None":
        """The condition that was written, None for none.

        Raises:
            ConfigError: it is not of the form.
        """
        if not text.strip():
            return None
        terms: list[tuple[str, str, Any]] = []
        joins: set[str] = set()
        place = 0
        while found := _TERM.match(text, place):
            terms.append((found["path"], found["op"], _value(found["value"])))
            place = found.end()
            if place == len(text) or (join := _JOIN.match(text, place)) is None:
                break
            joins.add(join[1])
            place = join.end()
        else:
            place = -1  # nothing follows the last and
        if place != len(text) or len(joins) > 1 or any(value is _NOTHING for _, _, value in terms):
            form = (
                'such as: status == 200 and $.code in [0, "OK"] (paths: status, text, $.a.b[0]; ==, !=, in, contains)'
            )
            raise ConfigError([Fault("hub.toml", 0, key, f"{key}: {text!r} is no condition; expected one {form}")])
        return cls(tuple(terms), "or" not in joins)

    @property
    def reads_json(self) -> bool:
        """Whether it looks into an answer in JSON."""
        return any(path.startswith("$") for path, _, _ in self.terms)

    def holds(self, reply: Reply, said: Any) -> bool:
        """Whether the answer meets it; `said` is the answer read as JSON, None when it is none."""
        found = (_compare(look(path, reply, said), op, value) for path, op, value in self.terms)
        return all(found) if self.every else any(found)


def look(path: str, reply: Reply, said: Any) -> Any:
    """What stands at a path of the answer: `status`, `text`, or `$.a.b[0]` of its JSON; None when there is nothing."""
    if path in {"status", "text"}:
        return reply.status if path == "status" else reply.answer
    for found in _STEP.finditer(path.removeprefix("$")):
        if found[1] is not None:
            said = said.get(found[1]) if isinstance(said, dict) else None
        else:
            place = int(found[2])
            said = said[place] if isinstance(said, list) and place < len(said) else None
    return said


def as_json(reply: Reply) -> Any:
    """The answer read as JSON, None when it is none."""
    try:
        return msgspec.json.decode(reply.answer)
    except msgspec.DecodeError:
        return None


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _NOTHING


def _compare(found: Any, op: str, value: Any) -> bool:
    if op == "==":
        return bool(found == value)
    if op == "!=":
        return bool(found != value)
    if op == "in":
        return isinstance(value, list) and found in value
    return str(value) in str(found)
