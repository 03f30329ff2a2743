"""The text of `case.json`: one JSON object, one record a line, so that it is written and checked line by line and a place in it has a name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec

FORMAT: Final = "streamwarden-case/1"

SINGLE: Final = ("site", "versions", "incident", "window")
LISTS: Final = ("log", "alerts", "transitions", "deliveries", "evidence", "readings")
SECTIONS: Final = ("format", "site", "versions", "incident", "window", *LISTS)
"""In the order in which they are written."""

LOG_FIELDS: Final = ("incident", "seq", "at", "recorded", "actor", "kind", "before", "after", "reason")
"""What the hash of a log entry is made of (storage.records.incidents)."""
TRANSITION_FIELDS: Final = ("alert", "n", "body", "recorded")
"""What the hash of an alert's transition is made of (storage.records.alerts)."""

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What bytes that are no JSON raise."""

MOST_LINE: Final = 8 << 20

_HEAD: Final = re.compile(rb'"([a-z]+)":')
_encoder: Final = msgspec.json.Encoder()

Section = Mapping[str, Any] | Iterable[Mapping[str, Any]]


class NotARecord(ValueError):
    """A line is not as the hub writes it; `line` is what is known of its place."""

    def __init__(self, line: "Line", message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    """One record: its section, its number there from 1 (0: the section's only one), the offset of its line, and what it says."""

    section: str
    entry: int
    offset: int
    value: Any = None


def written(sections: Iterable[tuple[str, Section]]) -> Iterator[bytes]:
    """The text in pieces; `sections` come in their order, without `format`."""
    yield b'{"format":' + _encoder.encode(FORMAT)
    for name, section in sections:
        yield b',\n"' + name.encode() + b'":'
        if isinstance(section, Mapping):
            yield _encoder.encode(section)
            continue
        between = b"["
        for record in section:
            yield between + b"\n" + _encoder.encode(record)
            between = b","
        yield b"[]" if between == b"[" else b"]"
    yield b"}\n"


def read(lines: Iterable[bytes]) -> Iterator[Line]:
    """Every record, in order.

    Raises:
        NotARecord: a line is no record, or the sections are not those of a case in their order.
    """
    offset, section, entry, met = 0, "", 0, list[str]()
    for raw in lines:
        head = _HEAD.match(raw.removeprefix(b"{")) if not raw.startswith(b'{"') or offset == 0 else None
        if head is not None:
            section, entry = head[1].decode(), 0
            met.append(section)
            rest = raw.removeprefix(b"{")[head.end() :]
            if rest == b"[\n":
                offset += len(raw)
                continue
        else:
            rest, entry = raw, entry + 1
        value = _value(Line(section, entry, offset), rest)
        if value != []:
            yield Line(section, entry, offset, value)
        offset += len(raw)
    if tuple(met) != SECTIONS:
        raise NotARecord(Line(section, entry, offset), "its sections are not those of a case, in their order")


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file that comes in pieces, each with its end of line.

    Raises:
        NotARecord: a line is longer than any the hub writes.
    """
    rest, offset = b"", 0
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            offset += len(line) + 1
            yield line + b"\n"
        if len(rest) > MOST_LINE:
            raise NotARecord(Line("", 0, offset), "a line is longer than any that the hub writes")
    if rest:
        yield rest


def place(file: BinaryIO | Iterable[bytes], offset: int) -> Line:
    """The record in whose line the byte at `offset` lies; nothing of the text need be sound."""
    section, entry, begin = "", 0, 0
    for raw in file:
        head = _HEAD.match(raw.removeprefix(b"{")) if not raw.startswith(b'{"') or begin == 0 else None
        if head is not None:
            section, entry = head[1].decode(), 0
        else:
            entry += 1
        if begin <= offset < begin + len(raw):
            break
        begin += len(raw)
    return Line(section, entry, begin)


def _value(here: Line, raw: bytes) -> Any:
    """What a line says, its end cut off: `,` between records, `]` after a list's last, `}` after all."""
    text = raw.removesuffix(b"\n").removesuffix(b",")
    for ending in (b"", b"]", b"}", b"]}"):
        if ending and not text.endswith(ending):
            continue
        try:
            return msgspec.json.decode(text[: len(text) - len(ending)])
        except UNREADABLE:
            continue
    raise NotARecord(here, "it is no JSON")
