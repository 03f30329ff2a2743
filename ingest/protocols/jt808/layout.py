"""Bodies written down as tables: each part reads and writes itself, so one table serves both directions (JT/T 808-2013, 4.3).

Numbers are big-endian, strings GBK (read as its superset GB 18030; bytes that are neither are kept), times BCD[6] YYMMDDhhmmss. A body becomes a dict by the
names of its parts; what is written again has the bytes it was read from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ingest.field.session import ProtocolError

Values = dict[str, Any]

_CHARSET: Final = "gb18030"


def to_text(raw: bytes) -> str:
    """Bytes as text; what is no GBK is kept as lone surrogates, so that it can be written again."""
    return raw.decode(_CHARSET, "surrogateescape")


def to_bytes(text: str) -> bytes:
    """Text as the terminal reads it.

    Raises:
        ProtocolError: bad_value, a character that cannot be written.
    """
    try:
        return text.encode(_CHARSET, "surrogateescape")
    except UnicodeEncodeError as error:
        raise ProtocolError("bad_value", f"text: {error.reason}") from None


class Reader:
    """A body and how far it is read."""

    def __init__(self, body: bytes, edition: int) -> None:
        self.body = body
        self.place = 0
        self.edition = edition

    @property
    def left(self) -> int:
        """Bytes that are not read yet."""
        return len(self.body) - self.place

    def take(self, count: int, name: str) -> bytes:
        """The next bytes.

        Raises:
            ProtocolError: bad_length.
        """
        if self.left < count:
            raise ProtocolError("bad_length", f"{name}: {count} bytes expected, {self.left} left of the body")
        self.place += count
        return self.body[self.place - count : self.place]

    def number(self, size: int, name: str) -> int:
        """The next unsigned number."""
        return int.from_bytes(self.take(size, name))


class Part(Protocol):
    """A part of a body; `edition` is the year of the standard: 2011, 2013 or 2019."""

    def read(self, reader: Reader, values: Values) -> None:
        """Add what it says to `values`."""

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        """Add its bytes to `out`."""


def read_body(parts: tuple[Part, ...], body: bytes, edition: int) -> Values:
    """What a whole body says.

    Raises:
        ProtocolError: bad_length, or bad_value.
    """
    reader, values = Reader(body, edition), Values()
    for part in parts:
        part.read(reader, values)
    if reader.left:
        raise ProtocolError("bad_length", f"body: {reader.left} bytes more than the message has")
    return values


def write_body(parts: tuple[Part, ...], values: Mapping[str, Any], edition: int) -> bytes:
    """The bytes of a body.

    Raises:
        ProtocolError: bad_value; a part is missing or cannot be written.
    """
    out = bytearray()
    for part in parts:
        part.write(out, values, edition)
    return bytes(out)


def wanted(values: Mapping[str, Any], name: str, kind: type) -> Any:
    """A value that must be there.

    Raises:
        ProtocolError: bad_value.
    """
    value = values.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ProtocolError("bad_value", f"{name}: expected {kind.__name__}, got {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class Number:
    """An unsigned number of `size` bytes."""

    name: str
    size: int

    def read(self, reader: Reader, values: Values) -> None:
        values[self.name] = reader.number(self.size, self.name)

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        _put(out, self.name, wanted(values, self.name, int), self.size)


def _put(out: bytearray, name: str, value: int, size: int) -> None:
    if not 0 <= value < 1 << 8 * size:
        raise ProtocolError("bad_value", f"{name}: {value} does not fit {size} bytes")
    out += value.to_bytes(size)


@dataclass(frozen=True, slots=True)
class Text:
    """Text of exactly `size` bytes, filled up with 0x00 behind; zeros before it (as some terminals fill) stay in the text."""

    name: str
    size: int

    def read(self, reader: Reader, values: Values) -> None:
        values[self.name] = to_text(reader.take(self.size, self.name).rstrip(b"\0"))

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        raw = to_bytes(wanted(values, self.name, str))
        if len(raw) > self.size:
            raise ProtocolError("bad_value", f"{self.name}: {len(raw)} bytes of GBK, at most {self.size} fit")
        out += raw.ljust(self.size, b"\0")


@dataclass(frozen=True, slots=True)
class Counted:
    """Text behind its length of `size` bytes."""

    name: str
    size: int = 1

    def read(self, reader: Reader, values: Values) -> None:
        values[self.name] = to_text(reader.take(reader.number(self.size, self.name), self.name))

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        raw = to_bytes(wanted(values, self.name, str))
        _put(out, self.name, len(raw), self.size)
        out += raw


@dataclass(frozen=True, slots=True)
class Rest:
    """Text to the end of the body."""

    name: str

    def read(self, reader: Reader, values: Values) -> None:
        values[self.name] = to_text(reader.take(reader.left, self.name))

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        out += to_bytes(wanted(values, self.name, str))


@dataclass(frozen=True, slots=True)
class Hex:
    """Bytes as hexadecimal text: BCD numbers and times, keys, what nobody reads. `size` None: to the end of the body."""

    name: str
    size: int | None = None

    def read(self, reader: Reader, values: Values) -> None:
        values[self.name] = reader.take(reader.left if self.size is None else self.size, self.name).hex()

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        text = wanted(values, self.name, str)
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raise ProtocolError("bad_value", f"{self.name}: expected digits, got {text!r}") from None
        if self.size is not None and len(raw) != self.size:
            raise ProtocolError("bad_value", f"{self.name}: expected {2 * self.size} digits, got {text!r}")
        out += raw


@dataclass(frozen=True, slots=True)
class CountedHex:
    """Bytes behind their length of one byte, as hexadecimal text."""

    name: str

    def read(self, reader: Reader, values: Values) -> None:
        values[self.name] = reader.take(reader.number(1, self.name), self.name).hex()

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        raw = bytearray()
        Hex(self.name).write(raw, values, edition)
        _put(out, self.name, len(raw), 1)
        out += raw


@dataclass(frozen=True, slots=True)
class Repeated:
    """Groups of parts behind their count of `size` bytes; `most` bounds what is believed."""

    name: str
    size: int
    parts: tuple[Part, ...]
    most: int = 4096

    def read(self, reader: Reader, values: Values) -> None:
        count = reader.number(self.size, self.name)
        if count > min(self.most, reader.left):
            raise ProtocolError("bad_length", f"{self.name}: {count} items in {reader.left} bytes")
        values[self.name] = [self._one(reader) for _ in range(count)]

    def _one(self, reader: Reader) -> Values:
        item = Values()
        for part in self.parts:
            part.read(reader, item)
        return item

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        items = wanted(values, self.name, list)
        _put(out, self.name, len(items), self.size)
        for item in items:
            if not isinstance(item, Mapping):
                raise ProtocolError("bad_value", f"{self.name}: expected objects, got {item!r}")
            for part in self.parts:
                part.write(out, item, edition)


@dataclass(frozen=True, slots=True)
class When:
    """Parts that are there only where `holds` says so, of what was read before and of the edition."""

    holds: Callable[[Mapping[str, Any], int], bool]
    parts: tuple[Part, ...]

    def read(self, reader: Reader, values: Values) -> None:
        if self.holds(values, reader.edition):
            for part in self.parts:
                part.read(reader, values)

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        if self.holds(values, edition):
            for part in self.parts:
                part.write(out, values, edition)


def numbers(size: int, *names: str) -> tuple[Part, ...]:
    """Numbers of one size, one after the other."""
    return tuple(Number(name, size) for name in names)


def newer(*parts: Part) -> When:
    """Parts that the 2019 edition added."""
    return When(lambda _, edition: edition >= 2019, parts)


def older(*parts: Part) -> When:
    """Parts as they were before the 2019 edition."""
    return When(lambda _, edition: edition < 2019, parts)


def after(name: str, *parts: Part) -> When:
    """Parts that are there only where the number `name` before them is 0 (results)."""
    return When(lambda values, _: values.get(name) == 0, parts)


def flagged(name: str, bit: int, *parts: Part) -> When:
    """Parts that are there only where a bit of the number `name` before them is set."""
    return When(lambda values, _: bool(int(values.get(name, 0)) >> bit & 1), parts)
