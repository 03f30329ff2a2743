"""The values that expressions work with beyond text and numbers: instants, periods, durations."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

from api.times import EARLIEST, LATEST
from hub.clock import parse_rfc3339

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION: Final = re.compile(r"(-?)P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?)?")
_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})$")


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A time, epoch ms; `offset` minutes is how it was written."""

    ms: int
    offset: int = field(default=0, compare=False)

    def __str__(self) -> str:
        moment = self.utc()
        return moment.isoformat(timespec="milliseconds" if self.ms % 1000 else "seconds").replace("+00:00", "Z")

    def utc(self) -> datetime:
        """As a datetime in UTC, or in the offset it was written with."""
        return _EPOCH + timedelta(milliseconds=self.ms)

    def local(self) -> datetime:
        """As a datetime of the offset it was written with."""
        return self.utc() + timedelta(minutes=self.offset)


@dataclass(frozen=True, slots=True)
class Period:
    """From one instant to another, both included."""

    start: Instant
    end: Instant

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time, ms."""

    ms: int


Value: TypeAlias = Any
"""None, bool, int, float, str, Instant, Period, Duration, date, time, Geometry, or what JSON has."""


def parse_instant(text: str) -> Instant:
    """RFC 3339 with offset; a plus sign that a URL turned into a space is taken as one.

    Raises:
        ValueError: not of that form, or a year that no answer can have.
    """
    text = text.replace(" ", "+").upper()
    ms = parse_rfc3339(text)
    if not EARLIEST <= ms <= LATEST:
        raise ValueError(f"{text!r}: expected a year from 1 to 9999")
    shift = _OFFSET.search(text)
    minutes = 0 if shift is None else int(shift[2]) * 60 + int(shift[3])
    return Instant(ms, -minutes if shift is not None and shift[1] == "-" else minutes)


def parse_duration(text: str) -> Duration:
    """ISO 8601 in days, hours, minutes and seconds.

    Raises:
        ValueError: not of that form.
    """
    match = _DURATION.fullmatch(text)
    if match is None or text[-1] in "PT":
        raise ValueError(f"{text!r}: expected a duration such as PT10M or P1D")
    days, hours, minutes = (int(match[part] or 0) for part in (2, 3, 4))
    seconds = float(match[5] or 0)
    ms = ((days * 24 + hours) * 60 + minutes) * 60_000 + round(seconds * 1000)
    return Duration(-ms if match[1] else ms)


def plain(value: Value) -> Value:
    """The value as JSON has it."""
    return str(value) if isinstance(value, Instant | Period | date | time) else value
