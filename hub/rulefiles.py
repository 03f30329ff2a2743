"""Rules as people write them: one TOML file a rule, every mistake at once with file, line, key and the expected form.

The format is told in `docs/howto/add-a-rule.md`. A file says nothing of versions: whoever stores rules gives a new one where the content differs.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.derived import property_named
from hub.errors import ConfigError, Fault
from hub.model import KINDS, LEVELS, QUALITY_LETTERS
from hub.properties import PROPERTIES
from hub.rule import DEFAULT_ACCEPT, Rule, Schedule, Selector
from hub.standards import named
from hub.toml_lines import line_of

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DURATION: Final = re.compile(r"(\d{1,9})(ms|s|m|h|d)")
_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|(24):(00)")
_PATTERN: Final = re.compile(r"[A-Za-z0-9_.:*?\[\]!-]{1,64}")
_PROPERTY: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")

_COMMON: Final = ("id", "kind", "name", "targets")
_KEYS: Final = {
    "level": (
        *_COMMON,
        "property",
        "unlisted",
        "limit",
        "level",
        "above",
        "below",
        "deadband",
        "on_delay",
        "off_delay",
        "accept",
        "schedule",
    ),
    "silence": (*_COMMON, "periods", "level"),
}
_BAD: Final = object()
_ANY_ZONE: Final = ZoneInfo("UTC")


def load_rules(folder: Path) -> list[Rule]:
    """Every rule of a folder's `*.toml`, in the order of their ids; each has version 1 until whoever stores it knows better.

    Raises:
        ConfigError: every mistake in every file.
    """
    found: dict[str, tuple[Path, Rule]] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            rule = load_rule(path)
        except ConfigError as error:
            faults += error.faults
            continue
        if rule.id in found:
            faults.append(Fault(str(path), 0, "id", f"{rule.id!r} is the rule of {found[rule.id][0]} already"))
        found[rule.id] = (path, rule)
    if faults:
        raise ConfigError(faults)
    return [found[name][1] for name in sorted(found)]


def load_rule(path: Path) -> Rule:
    """The rule in a file; its id is the file's name unless it says another.

    Raises:
        ConfigError: every mistake in the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Fault(str(path), 0, "", f"cannot be read: {error}")]) from error
    return parse_rule(text, str(path), path.stem)


def parse_rule(text: str, file: str, stem: str) -> Rule:
    """The rule in a text; `file` names it in errors, `stem` is the id where the text has none.

    Raises:
        ConfigError: every mistake in the text.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise ConfigError([Fault(file, int(at[1]) if at else 0, "", f"is not TOML: {error}")]) from error
    reader = _Reader(said, text, file)
    rule = reader.rule(stem)
    if rule is None:
        raise ConfigError(sorted(reader.faults, key=lambda fault: fault.line))
    return rule


class _Reader:
    """Takes a file's values one by one and notes every mistake with its line."""

    def __init__(self, said: Mapping[str, Any], text: str, file: str) -> None:
        self._said, self._text, self._file = said, text, file
        self.faults: list[Fault] = []

    def rule(self, stem: str) -> Rule | None:
        kind = self._take("kind", "level", _one_of(tuple(_KEYS)), 'expected "level" or "silence"')
        self._unknown(_KEYS.get(kind, _KEYS["level"]))
        name = self._take("name", {}, _names, 'expected { zh = "...", en = "..." }')
        values: dict[str, Any] = {
            "id": self._take(
                "id", stem, _matching(_ID), "expected a-z, 0-9 and -, at most 64, beginning with a-z or 0-9"
            ),
            "kind": kind,
            "targets": self._take(
                "targets", None, _selectors, 'expected a list such as ["*/water/*"], each DEPARTMENT/KIND/DEVICE'
            ),
        }
        if name is not _BAD:
            values |= {"name_zh": name.get("zh", ""), "name_en": name.get("en", "")}
        values |= self._silence() if kind == "silence" else self._level()
        if self.faults:
            return None
        return Rule(version=1, **values)

    def _silence(self) -> dict[str, Any]:
        return {
            "periods": self._take("periods", 5, _number(above=1), "expected a number of declared periods, more than 1"),
            "silence_level": self._take("level", 3, _one_of(LEVELS), "expected 1-4, 1 the worst"),
        }

    def _level(self) -> dict[str, Any]:
        limits = "expected level = limit, level 1-4 and limit a number, such as 3 = 9.0"
        found = {
            "property": self._property(),
            "above": self._take("above", {}, _limits, limits),
            "below": self._take("below", {}, _limits, limits),
            "deadband": self._take("deadband", 0, _number(least=0), "expected a number that is not negative"),
            "on_delay": self._take("on_delay", "0s", _duration, 'expected a duration such as "90s", "10m", "2h"'),
            "off_delay": self._take("off_delay", "0s", _duration, 'expected a duration such as "90s", "10m", "2h"'),
            "accept": self._take(
                "accept", list(DEFAULT_ACCEPT), _letters, f"expected a list of {', '.join(map(repr, QUALITY_LETTERS))}"
            ),
            "schedule": self._schedule(),
        }
        found["limits"] = self._named(found["property"], found["above"], found["below"])
        if not found["above"] and not found["below"] and not self._said.get("limit"):
            self._fault("above", "a level rule needs a limit in [above] or [below], or the name of one in limit")
        self._order(*self._numbers(found))
        return found

    def _numbers(self, found: Mapping[str, Any]) -> tuple[Any, Any]:
        """The limits above and below, named ones with the newest number of a river; what depends on a station's own data is left out."""
        above, below, limits = found["above"], found["below"], found["limits"]
        if self.faults or not limits:
            return above, below
        above, below = dict(above), dict(below)
        for level, name in limits.items():
            newest = named.bounds(name, found["property"], named.Facts(), _ANY_ZONE)
            above |= {level: newest.above[-1]} if isfinite(newest.above[-1]) else {}
            below |= {level: newest.below[-1]} if isfinite(newest.below[-1]) else {}
        return above, below

    def _named(self, name: Any, above: Any, below: Any) -> Any:
        """The standards' limits by level: `limit = "gb3838:III"` at `level`, or a table of levels."""
        level = self._take("level", 3, _one_of(LEVELS), "expected 1-4, 1 the worst")
        if "level" in self._said and not isinstance(self._said.get("limit"), str):
            self._fault("level", 'goes with limit = "..." only; [above], [below] and a table [limit] say their levels')
        form = f'expected {named.EXPECTED}, or a table such as {{ 3 = "gb3838:III", 2 = "gb3838:V" }}'
        found = self._take("limit", {}, lambda value: _names_of_limits(value, level), form)
        if level is _BAD or not isinstance(found, dict) or not isinstance(name, str):
            return _BAD
        for wrong in filter(None, (named.problem(reference, name) for reference in found.values())):
            self._fault("limit", f"= {wrong}")
        for limits in (above, below):
            if isinstance(limits, dict) and limits.keys() & found.keys():
                self._fault("limit", "names a level that has a number in [above] or [below] already")
        return found

    def _property(self) -> Any:
        listed = self._said.get("unlisted", False) is not True
        name = self._take("property", None, _matching(_PROPERTY), 'expected a code such as "ph"')
        if isinstance(name, str) and listed and property_named(name) is None:
            hint = _meant(name, PROPERTIES) or "say unlisted = true if devices send it under this name"
            self._fault("property", f"{name!r} is not in the list of properties; {hint}")
        return name

    def _schedule(self) -> Any:
        if "schedule" not in self._said:
            return None
        form = 'expected { days = [1, 2, 3, 4, 5], from = "08:00", to = "18:00" }, days 1 (Monday) to 7'
        return self._take("schedule", None, _schedule_of, form)

    def _order(self, above: Any, below: Any) -> None:
        """A worse level must not be reached before a milder one."""
        for name, limits, sign in (("above", above, 1), ("below", below, -1)):
            if isinstance(limits, dict):
                ordered = [sign * limits[level] for level in sorted(limits)]
                if ordered != sorted(ordered, reverse=True):
                    key = name if name in self._said else "limit"
                    self._fault(key, "a worse level (1 is the worst) needs a limit further out")

    def _take(self, key: str, default: Any, read: Callable[[Any], Any], expected: str) -> Any:
        value = self._said.get(key, default)
        if value is None:
            self._fault(key, f"is missing; {expected}")
            return _BAD
        try:
            return read(value)
        except (ValueError, TypeError, KeyError, AttributeError):
            self._fault(key, f"= {value!r}; {expected}")
            return _BAD

    def _unknown(self, known: tuple[str, ...]) -> None:
        for key in self._said.keys() - set(known):
            self._fault(key, "unknown key; " + (_meant(key, known) or f"expected one of {', '.join(known)}"))

    def _fault(self, key: str, message: str) -> None:
        self.faults.append(Fault(self._file, line_of(self._text, [key]), key, message))


def _meant(word: str, known: Any) -> str:
    close = get_close_matches(word, list(known), 1, 0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def _refuse(value: object) -> ValueError:
    return ValueError(repr(value))


def _matching(form: re.Pattern[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not form.fullmatch(value):
            raise _refuse(value)
        return str(value)

    return read


def _one_of(known: tuple[Any, ...]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value not in known or isinstance(value, bool):
            raise _refuse(value)
        return value

    return read


def _number(least: float = float("-inf"), above: float = float("-inf")) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise _refuse(value)
        if value < least or value <= above:
            raise _refuse(value)
        return float(value)

    return read


def _duration(value: Any) -> int:
    found = _DURATION.fullmatch(value)
    if not found:
        raise _refuse(value)
    return int(found[1]) * _UNITS[found[2]]


def _limits(value: Any) -> dict[int, float]:
    limit = _number()
    found = {int(level): limit(number) for level, number in value.items()}
    if any(level not in LEVELS for level in found):
        raise _refuse(value)
    return found


def _names_of_limits(value: Any, level: Any) -> dict[int, str]:
    if isinstance(value, str):
        return {level: value}
    found = {int(number): name for number, name in value.items()}
    if any(number not in LEVELS or not isinstance(name, str) for number, name in found.items()):
        raise _refuse(value)
    return found


def _letters(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or any(letter not in QUALITY_LETTERS for letter in value):
        raise _refuse(value)
    return tuple(value)


def _names(value: Any) -> dict[str, str]:
    if value.keys() - {"zh", "en"} or not all(isinstance(name, str) for name in value.values()):
        raise _refuse(value)
    return dict(value)


def _selectors(value: Any) -> tuple[Selector, ...]:
    if not isinstance(value, list) or not value:
        raise _refuse(value)
    return tuple(map(_selector, value))


def _selector(value: Any) -> Selector:
    department, kind, device = value.split("/")
    plain = kind.isalpha() and kind not in KINDS
    if plain or not all(_PATTERN.fullmatch(part) for part in (department, kind, device)):
        raise _refuse(value)
    return Selector(department, kind, device)


def _schedule_of(value: Any) -> Schedule:
    if value.keys() - {"days", "from", "to"}:
        raise _refuse(value)
    days = value.get("days", [1, 2, 3, 4, 5, 6, 7])
    if not isinstance(days, list) or not days or any(type(day) is not int or not 1 <= day <= 7 for day in days):
        raise _refuse(value)
    return Schedule(tuple(sorted(set(days))), _minute(value.get("from", "00:00")), _minute(value.get("to", "24:00")))


def _minute(value: Any) -> int:
    if not _CLOCK.fullmatch(value):
        raise _refuse(value)
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)
