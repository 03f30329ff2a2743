"""The words of the field: stations, datastreams, quality, levels (terms of OGC SensorThings 1.1, HJ 212 and ISA-18.2)."""

import re
from dataclasses import dataclass
from enum import IntFlag, StrEnum
from typing import Final

KINDS: Final = ("water", "air", "source", "vehicle", "camera")
MESSAGES: Final = ("telemetry", "position", "frame", "event", "status")
LEVELS: Final = (1, 2, 3, 4)

_DEPARTMENT = re.compile(r"[a-z0-9-]{1,32}")
_DEVICE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,47}")

QUALITY_LETTERS: Final = ("", "N", "F", "M", "S", "D", "C", "T", "B")
"""Quality letters by their code in a batch: 0 is no letter; the letters are HJ 212's data flags."""

QUALITY_CODE: Final = {letter: code for code, letter in enumerate(QUALITY_LETTERS)}
VALID_QUALITY: Final = (QUALITY_CODE[""], QUALITY_CODE["N"])


class Check(IntFlag):
    """The hub's own checks of a value, kept as bits beside it; a flag never erases the value."""

    RANGE = 1
    STUCK = 2
    SPIKE = 4
    RATE = 8
    LATE = 16
    TIME_ASSUMED = 32

    def words(self) -> list[str]:
        """The checks as the words of the public interface."""
        return [check.name.lower() for check in type(self) if check in self and check.name]


INVALID_CHECKS: Final = Check.RANGE | Check.STUCK | Check.SPIKE | Check.RATE
"""Checks that make a value invalid for means and exceedances; a late or time-assumed value is still valid."""


class Condition(StrEnum):
    """Where an alert stands (ISA-18.2 words); only machines change it."""

    PENDING = "pending"  # over the limit, not yet for the on-delay
    ACTIVE = "active"
    CLEARING = "clearing"  # back under, not yet for the off-delay
    CLEARED = "cleared"
    UNKNOWN = "unknown"  # no data for longer than the declared period allows


@dataclass(frozen=True, slots=True)
class Station:
    """Where observations come from: one device of one kind in one department; written `department/kind/device`."""

    department: str
    kind: str
    device: str

    def __post_init__(self) -> None:
        if not _DEPARTMENT.fullmatch(self.department):
            raise ValueError(f"department {self.department!r}: expected [a-z0-9-]{{1,32}}")
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}: expected one of {', '.join(KINDS)}")
        if not _DEVICE.fullmatch(self.device):
            raise ValueError(f"device {self.device!r}: expected [A-Za-z0-9_.:-]{{1,64}}")

    @classmethod
    def parse(cls, text: str) -> "Station":
        """The station written as `department/kind/device`.

        Raises:
            ValueError: not of that form.
        """
        parts = text.split("/")
        if len(parts) != 3:
            raise ValueError(f"{text!r}: expected DEPARTMENT/KIND/DEVICE")
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.department}/{self.kind}/{self.device}"


def check_property(name: str) -> str:
    """`name` when it can be an observed property's code.

    Raises:
        ValueError: not [a-z][a-z0-9_]{0,47}.
    """
    if not _PROPERTY.fullmatch(name):
        raise ValueError(f"property {name!r}: expected [a-z][a-z0-9_]{{0,47}}")
    return name
