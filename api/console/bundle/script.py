"""A page's modules as one script: each in a function of its own that runs once, in the order in which a browser would run them.

Whoever imports a module, at once or when it comes to it, gets the same one, so what is shared is there once. Lines stay whole and in
order: the map beside the script (ECMA-426) leads from each back to its file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.console.bundle.mistake import BundleMistake
from api.console.bundle.module import RESERVED, Module, Wanted, read_module
from api.console.bundle.sources import Sources

_HEAD: Final = f"""const __made = {{}};
const {RESERVED} = (path) => (__made[path] ??= __modules[path]());
const __modules = {{
"""


@dataclass(frozen=True, slots=True)
class Script:
    """The text, the files it is made of, and for each of its lines the file and line (from 0) it came from, None for our own."""

    text: str
    files: tuple[str, ...]
    lines: tuple[tuple[str, int] | None, ...]


def write_script(sources: Sources, entries: Sequence[str], instead: Mapping[str, str] | None = None) -> Script:
    """One script that does what these entry modules do; `instead` are texts that take the place of files.

    Raises:
        BundleMistake: a module is not there, has no such name, waits for itself, or is written in another way than ours.
    """
    modules = _Walk(sources, instead or {}).all(entries)
    parts: list[tuple[str, str | None]] = [(_HEAD, None)]
    for path, module in modules.items():
        parts += [(f'"{path}": async () => {{\n', None), (_body(module), path), (_returned(module), None)]
    started = "".join(f'{RESERVED}("{path}");\n' for path in entries)
    parts.append((f"}};\n{started}", None))
    lines: list[tuple[str, int] | None] = []
    for text, file in parts:
        lines += [None if file is None else (file, number) for number in range(text.count("\n"))]
    return Script("".join(text for text, _ in parts), tuple(modules), tuple(lines))


class _Walk:
    """Every module that is reached, those it needs before it."""

    def __init__(self, sources: Sources, instead: Mapping[str, str]) -> None:
        self._sources = sources
        self._instead = instead
        self._found: dict[str, Module] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._under_way: list[str] = []

    def all(self, entries: Sequence[str]) -> dict[str, Module]:
        for path in entries:
            self._visit(Wanted(path, 1), "")
        while later := self._later():
            self._visit(*later)
        return self._found

    def _later(self) -> tuple[Wanted, str] | None:
        """A module that somebody will import when it comes to it and that is not here yet, and who."""
        asked = ((one, module.path) for module in self._found.values() for one in module.later)
        return next((pair for pair in asked if pair[0].target not in self._found), None)

    def _visit(self, wanted: Wanted, asked_in: str) -> None:
        path = wanted.target
        if path in self._under_way:
            circle = " -> ".join((*self._under_way[self._under_way.index(path) :], path))
            raise BundleMistake(asked_in, wanted.line, f"modules wait for each other: {circle}")
        if path not in self._found:
            module = self._read(wanted, asked_in)
            self._under_way.append(path)
            for one in module.imports:
                self._visit(one, path)
            self._under_way.pop()
            self._found[path] = module
            self._names[path] = frozenset(module.exports).union(*(self._names[star] for star in module.stars))
        if unknown := set(wanted.names) - self._names[path]:
            raise BundleMistake(asked_in, wanted.line, f"{path} exports no {min(unknown)}")

    def _read(self, wanted: Wanted, asked_in: str) -> Module:
        text = self._instead.get(wanted.target)
        if text is not None:
            return read_module(wanted.target, text)
        return self._sources.module(wanted.target, asked_in, wanted.line)


def _body(module: Module) -> str:
    text: list[str] = []
    place = 0
    for change in module.changes:
        text += (module.text[place : change.start], change.text)
        place = change.end
    text.append(module.text[place:])
    body = "".join(text)
    return body if body.endswith("\n") else body + "\n"


def _returned(module: Module) -> str:
    stars = [f'...await {RESERVED}("{star}")' for star in module.stars]
    own = [outside if outside == inside else f"{outside}: {inside}" for outside, inside in module.exports.items()]
    return f"return {{ {', '.join((*stars, *own))} }};\n}},\n"
