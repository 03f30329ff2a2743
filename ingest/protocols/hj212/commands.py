"""What may be asked of a logger, word by word: the command code and its content (HJ 212-2017, table 5 and annex C)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from hub.clock import parse_rfc3339
from ingest.field.session import ProtocolError
from ingest.protocols.hj212.content import write_items
from ingest.protocols.hj212.times import write_time

Ends = Literal["result", "reply", "notice"]
"""What ends an exchange: 9012 (6.2.1), 9011 alone where data follows of itself, or 9013 (6.2.2)."""

MINUTE_INTERVALS: Final = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
QUERIES: Final[Mapping[str, str]] = MappingProxyType(
    {"minute": "2051", "hour": "2061", "day": "2031", "run_time": "2041"}
)

Items = list[tuple[str, object]]

_LAST_TIME: Final = 253_402_214_400_000  # 9999-12-31


@dataclass(frozen=True, slots=True)
class Request:
    """One command as it goes down."""

    cn: str
    cp: str
    ends: Ends


class Asked:
    """The arguments of one command; each method makes the content of one kind of request."""

    def __init__(self, arguments: Mapping[str, Any], now: int) -> None:
        self._arguments = arguments
        self._now = now

    def nothing(self) -> Items:
        """An empty content."""
        return []

    def of_pollutant(self) -> Items:
        """One instrument, named by its factor."""
        return [("PolId", self._text("pollutant", r"[0-9A-Za-z]{1,6}"))]

    def of_any_pollutant(self) -> Items:
        """One instrument, or the logger itself."""
        return self.of_pollutant() if "pollutant" in self._arguments else []

    def clock(self) -> Items:
        """1012: the time given, or now."""
        time = self._time("time") if "time" in self._arguments else self._now
        return [*self.of_any_pollutant(), ("SystemTime", write_time(time))]

    def timeout(self) -> Items:
        """1000."""
        return [("OverTime", self._whole("seconds", 1, 99_999)), ("ReCount", self._whole("retries", 0, 99))]

    def interval(self) -> Items:
        """1062."""
        return [("RtdInterval", self._whole("seconds", 30, 3600))]

    def minute_interval(self) -> Items:
        """1064."""
        minutes = self._whole("minutes", 1, 30)
        if minutes not in MINUTE_INTERVALS:
            raise ProtocolError(
                "bad_value", f"minutes: {minutes}, expected one of {', '.join(map(str, MINUTE_INTERVALS))}"
            )
        return [("MinInterval", minutes)]

    def password(self) -> Items:
        """1072."""
        return [("NewPW", self._text("password", r"[0-9A-Za-z]{6}"))]

    def query(self) -> Items:
        """2051, 2061, 2031, 2041."""
        if self._arguments.get("kind") not in QUERIES:
            raise ProtocolError("bad_value", f"kind: expected one of {', '.join(QUERIES)}")
        begin, end = self._time("begin"), self._time("end")
        if end < begin:
            raise ProtocolError("bad_value", "end: it lies before begin")
        return [("BeginTime", write_time(begin)), ("EndTime", write_time(end))]

    def sample_period(self) -> Items:
        """3016."""
        start = self._text("start", r"([01]\d|2[0-3])[0-5]\d[0-5]\d")
        return [*self.of_pollutant(), ("CstartTime", start), ("Ctime", self._whole("hours", 1, 24))]

    def site_read(self) -> Items:
        """3020."""
        items = self._information()
        if "begin" in self._arguments or "end" in self._arguments:
            items.append(("BeginTime", write_time(self._time("begin"))))
            items.append(("EndTime", write_time(self._time("end"))))
        return items

    def site_write(self) -> Items:
        """3021."""
        value = self._text("value", r"[^;,&=\r\n]{1,100}")
        return [*self._information(), (f"{self._arguments['information']}-Info", value)]

    def _information(self) -> Items:
        return [*self.of_pollutant(), ("InfoId", self._text("information", r"[0-9A-Za-z]{1,6}"))]

    def _text(self, name: str, shape: str) -> str:
        value = self._arguments.get(name)
        if not isinstance(value, str) or not re.fullmatch(shape, value, re.ASCII):
            raise ProtocolError("bad_value", f"{name}: expected text of the form {shape}")
        return value

    def _whole(self, name: str, low: int, high: int) -> int:
        value = self._arguments.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ProtocolError("bad_value", f"{name}: expected a whole number from {low} to {high}")
        return value

    def _time(self, name: str) -> int:
        value = self._arguments.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LAST_TIME:
            return value
        try:
            return parse_rfc3339(value if isinstance(value, str) else "")
        except (ValueError, OverflowError):
            raise ProtocolError("bad_value", f"{name}: expected RFC 3339 with offset, or epoch milliseconds") from None


_Build = Callable[[Asked], Items]

_POLLUTANT: Final = ("pollutant",)
_WORDS: Final[Mapping[str, tuple[str, Ends, _Build, tuple[str, ...]]]] = MappingProxyType(
    {
        "timeout.set": ("1000", "result", Asked.timeout, ("seconds", "retries")),
        "clock.get": ("1011", "result", Asked.of_any_pollutant, _POLLUTANT),
        "clock.set": ("1012", "result", Asked.clock, ("pollutant", "time")),
        "interval.get": ("1061", "result", Asked.nothing, ()),
        "interval.set": ("1062", "result", Asked.interval, ("seconds",)),
        "minute_interval.get": ("1063", "result", Asked.nothing, ()),
        "minute_interval.set": ("1064", "result", Asked.minute_interval, ("minutes",)),
        "password.set": ("1072", "result", Asked.password, ("password",)),
        "realtime.start": ("2011", "reply", Asked.nothing, ()),
        "realtime.stop": ("2012", "notice", Asked.nothing, ()),
        "plant.start": ("2021", "reply", Asked.nothing, ()),
        "plant.stop": ("2022", "notice", Asked.nothing, ()),
        "data.query": ("", "result", Asked.query, ("kind", "begin", "end")),
        "calibrate": ("3011", "result", Asked.of_pollutant, _POLLUTANT),
        "sample.now": ("3012", "result", Asked.of_pollutant, _POLLUTANT),
        "purge": ("3013", "result", Asked.of_pollutant, _POLLUTANT),
        "sample.compare": ("3014", "result", Asked.of_pollutant, _POLLUTANT),
        "sample.retain": ("3015", "result", Asked.nothing, ()),
        "sample_period.set": ("3016", "result", Asked.sample_period, ("pollutant", "start", "hours")),
        "sample_period.get": ("3017", "result", Asked.of_pollutant, _POLLUTANT),
        "turnaround.get": ("3018", "result", Asked.of_pollutant, _POLLUTANT),
        "device.identify": ("3019", "result", Asked.of_pollutant, _POLLUTANT),
        "site.read": ("3020", "result", Asked.site_read, ("pollutant", "information", "begin", "end")),
        "site.write": ("3021", "result", Asked.site_write, ("pollutant", "information", "value")),
    }
)
"""By word: code, what ends the exchange, how the content is made, and the arguments it takes."""

NAMES: Final = tuple(_WORDS)
"""The words a session's `command` understands."""


def request_for(name: str, arguments: Mapping[str, Any], now: int) -> Request:
    """The request of a word.

    Raises:
        ProtocolError: unsupported word, or bad_value in an argument.
    """
    found = _WORDS.get(name)
    if found is None:
        raise ProtocolError("unsupported", f"hj212 has no command {name!r}")
    cn, ends, build, known = found
    if unknown := sorted(set(arguments) - set(known)):
        raise ProtocolError(
            "bad_value", f"{name}: no argument {', '.join(unknown)}; it takes {', '.join(known) or 'none'}"
        )
    items = build(Asked(arguments, now))
    return Request(cn or QUERIES[arguments["kind"]], write_items(items), ends)
