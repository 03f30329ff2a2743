"""What a check of a case found, in words and in fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bad:
    """One thing that is not as written: the file; the entry's number from 1; the section or group of fields; the byte in the zip."""

    file: str
    what: str
    entry: int | None = None
    field: str = ""
    offset: int | None = None

    def __str__(self) -> str:
        place = self.file
        if self.field:
            place += f", {self.field}"
        if self.entry is not None:
            place += f" {self.entry}"
        at = "" if self.offset is None else f" (byte {self.offset} of the case)"
        return f"{place}: {self.what}{at}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a case is: whole when `bad` is empty; by which key it is sealed, and whether that key was asked for (`pinned`)."""

    bad: tuple[Bad, ...]
    incident: str = ""
    content: str = ""
    key: str = ""
    pinned: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.bad
