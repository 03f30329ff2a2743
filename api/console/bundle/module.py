"""One module as it is written: what it imports, what it exports, and where it says so.

The forms are those this console uses; any other is refused, because half understood it would break in a browser, without a line.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from api.console.bundle.mask import mask
from api.console.bundle.mistake import BundleMistake, line_at

RESERVED: Final = "__module"
"""The bundle's own name in every module of it."""

_WORD: Final = r"[A-Za-z_$][\w$]*"
_FROM: Final = r"\s*from\s*(?P<quoted>[\"'] *[\"'])\s*;"
_IMPORTS: Final = (
    re.compile(r"import\s*\{(?P<names>[^{}]*)\}" + _FROM),
    re.compile(rf"import\s*\*\s*as\s+(?P<whole>{_WORD})" + _FROM),
    re.compile(r"import\s*(?P<quoted>[\"'] *[\"'])\s*;"),
)
_DYNAMIC: Final = re.compile(r"import\s*\(\s*(?P<quoted>[\"'] *[\"'])\s*\)")
_ALL: Final = re.compile(r"export\s*\*" + _FROM)
_LIST: Final = re.compile(r"export\s*\{(?P<names>[^{}]*)\}(?!\s*from\b)\s*;?")
_DECLARED: Final = re.compile(
    rf"export\s+(?=(?:(?:async\s+)?function\s*\*?|class|const)\s*(?P<name>{_WORD})\s*(?P<then>.))"
)
_STATEMENT: Final = re.compile(r"(?<![\w$.#])(?:import|export)\b(?!\s*:)")
_BINDING: Final = re.compile(rf"(?P<name>{_WORD})(?:\s+as\s+(?P<other>{_WORD}))?")


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of the text that reads otherwise in a bundle."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names that are imported from another module, and the line that says so."""

    target: str
    line: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """`path` is below the folder of static files, as are those of the modules it imports at once, or when it comes to it."""

    path: str
    text: str
    imports: tuple[Wanted, ...]
    later: tuple[Wanted, ...]
    exports: dict[str, str]
    """Each exported name and what it is called inside."""
    stars: tuple[str, ...]
    """Modules all of whose names are exported too."""
    changes: tuple[Change, ...]


def read_module(path: str, text: str) -> Module:
    """The module.

    Raises:
        BundleMistake: it says something else than named imports and exports.
    """
    return _Reading(path, text).run()


class _Reading:
    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._code = mask(text, path)
        self._imports: list[Wanted] = []
        self._later: list[Wanted] = []
        self._exports: dict[str, str] = {}
        self._stars: list[str] = []
        self._changes: list[Change] = []
        self._head = 0
        """Where the last import ended; ECMAScript takes imports out of order, we do not."""

    def run(self) -> Module:
        if found := re.search(rf"\b{RESERVED}\b", self._code):
            raise self._mistake(found.start(), f"{RESERVED} is the bundle's own name")
        for found in _STATEMENT.finditer(self._code):
            (self._import if found[0] == "import" else self._export)(found.start())
        return Module(
            self._path,
            self._text,
            tuple(self._imports),
            tuple(self._later),
            self._exports,
            tuple(self._stars),
            tuple(self._changes),
        )

    def _import(self, place: int) -> None:
        if re.compile(r"import\s*\(").match(self._code, place):
            self._dynamic(place)
            return
        found = next((one for form in _IMPORTS if (one := form.match(self._code, place))), None)
        if found is None:
            raise self._mistake(place, 'expected import { names } from "./module.js"; or * as name')
        groups = found.groupdict()
        target = self._target(found)
        pairs = tuple(self._pairs(found, groups["names"])) if groups.get("names") else ()
        self._imports.append(Wanted(target, self._line(place), tuple(name for name, _ in pairs)))
        bound = groups.get("whole") or ", ".join(a if a == b else f"{a}: {b}" for a, b in pairs)
        if groups.get("names") is not None:
            bound = f"{{ {bound} }}"
        self._replace_head(found, f"const {bound} = {_await(target)}" if bound else _await(target))

    def _dynamic(self, place: int) -> None:
        found = _DYNAMIC.match(self._code, place)
        if found is None:
            raise self._mistake(place, "expected import() of a plain string")
        specifier = self._quoted(found)
        if specifier.startswith("/"):
            return  # of its own address, as it is: what is large and seldom needed
        target = self._target(found)
        self._later.append(Wanted(target, self._line(place)))
        self._changes.append(Change(found.start(), found.end(), f'{RESERVED}("{target}")'))

    def _export(self, place: int) -> None:
        if found := _ALL.match(self._code, place):
            target = self._target(found)
            self._imports.append(Wanted(target, self._line(place)))
            self._stars.append(target)
            self._replace_head(found, _await(target))
        elif found := _LIST.match(self._code, place):
            for inside, outside in self._pairs(found, found["names"]):
                self._name(outside, inside, place)
            self._changes.append(Change(found.start(), found.end(), "\n" * found[0].count("\n")))
        elif (found := _DECLARED.match(self._code, place)) and found["then"] in "=({e":
            self._name(found["name"], found["name"], place)
            self._changes.append(Change(found.start(), found.end(), ""))
        else:
            raise self._mistake(place, "expected export const name =, function, async function, class, { names } or *")

    def _name(self, outside: str, inside: str, place: int) -> None:
        if outside in self._exports:
            raise self._mistake(place, f"{outside} is exported twice")
        self._exports[outside] = inside

    def _pairs(self, found: re.Match[str], names: str) -> Iterator[tuple[str, str]]:
        for piece in names.split(","):
            if not piece.strip():
                continue
            binding = _BINDING.fullmatch(piece.strip())
            if binding is None or "default" in binding.groups():
                raise self._mistake(found.start(), f"expected a name, not {piece.strip()}")
            yield binding["name"], binding["other"] or binding["name"]

    def _replace_head(self, found: re.Match[str], text: str) -> None:
        if self._code[self._head : found.start()].strip():
            raise self._mistake(found.start(), "imports come before all else")
        self._head = found.end()
        self._changes.append(Change(found.start(), found.end(), text + ";" + "\n" * found[0].count("\n")))

    def _target(self, found: re.Match[str]) -> str:
        specifier = self._quoted(found)
        if specifier.startswith("/static/"):
            return specifier.removeprefix("/static/")
        if not specifier.startswith(("./", "../")):
            raise self._mistake(found.start(), f"{specifier} is neither below /static/ nor beside the module")
        return posixpath.normpath(posixpath.join(posixpath.dirname(self._path), specifier))

    def _quoted(self, found: re.Match[str]) -> str:
        start, end = found.span("quoted")
        return self._text[start + 1 : end - 1]

    def _line(self, place: int) -> int:
        return line_at(self._text, place)

    def _mistake(self, place: int, what: str) -> BundleMistake:
        return BundleMistake(self._path, self._line(place), what)


def _await(target: str) -> str:
    return f'await {RESERVED}("{target}")'
