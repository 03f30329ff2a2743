"""The files below the folder of static files, each read once for as long as it stays as it is."""

from collections.abc import Iterable
from pathlib import Path

from api.console.bundle.mistake import BundleMistake
from api.console.bundle.module import Module, read_module

Stamp = tuple[int, int]
"""When a file was last written (ns), and its size: it is the same file while these are."""


class Sources:
    """Modules by their path below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, tuple[Stamp, Module]] = {}

    def module(self, path: str, asked_in: str = "", line: int = 1) -> Module:
        """The module as it is now.

        Raises:
            BundleMistake: there is no such file, or it is written in another way than ours.
        """
        stamp = self.stamp(path)
        if stamp is None:
            raise BundleMistake(asked_in or path, line, f"there is no {path}")
        known = self._kept.get(path)
        if known is None or known[0] != stamp:
            known = stamp, read_module(path, self.text(path))
            self._kept[path] = known
        return known[1]

    def text(self, path: str) -> str:
        """The text of a file."""
        return (self.folder / path).read_text(encoding="utf-8")

    def stamp(self, path: str) -> Stamp | None:
        """What says whether a file was changed; None where there is none."""
        try:
            found = (self.folder / path).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def stamps(self, paths: Iterable[str]) -> tuple[Stamp | None, ...]:
        """Those of several."""
        return tuple(map(self.stamp, paths))
