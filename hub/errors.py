"""Every error the hub raises on purpose, drawn as a tree.

HubError
├── ConfigError        the operator must change a file: file, key, value, expected form
├── Refused            a device sent what cannot be taken: reason and detail go to the dead letter
├── BusError
│   ├── BusUnavailable the log cannot take or give records now; try again later
│   └── MessageTooLarge one message is over its topic's limit; trying again will not help
├── StoreError
│   ├── StoreUnavailable the store cannot answer now; try again later
│   ├── BadQuery       the question cannot be answered: field and expected form
│   └── LinkTaken      another device of the register has this field protocol's identity
└── CorruptRecord      bytes on the bus or in a store that nobody of ours wrote
"""

from dataclasses import dataclass


class HubError(Exception):
    """The root of all errors raised on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a configuration or rule file; `line` is 1-based, 0 when the whole file is meant."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {self.key} - {self.message}" if self.key else f"{place} {self.message}"


class ConfigError(HubError):
    """Mistakes in files that an operator can mend; all of them at once."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


class Refused(HubError):
    """What a device sent cannot be taken; `reason` is a stable word, `detail` says what was expected."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class BusError(HubError):
    """The bus did not do what was asked."""


class BusUnavailable(BusError):
    """The log cannot take or give records now (broker away, disk full); nothing was appended, or it is not known."""


class MessageTooLarge(BusError):
    """A message is larger than its topic allows; trying again will not help."""


class StoreError(HubError):
    """A store did not do what was asked."""


class StoreUnavailable(StoreError):
    """The store cannot answer now; nothing is lost, try again later."""


class BadQuery(StoreError):
    """The question cannot be answered; `field` names the parameter and `expected` its form."""

    def __init__(self, field: str, expected: str) -> None:
        self.field = field
        self.expected = expected
        super().__init__(f"{field}: {expected}")


class LinkTaken(StoreError):
    """Another registered device already has this identity in this field protocol."""

    def __init__(self, protocol: str, identity: str, station: str) -> None:
        self.station = station
        super().__init__(f"{protocol} {identity} is {station} in the register; one identity means one device")


class CorruptRecord(HubError):
    """Bytes on the bus or in a store that do not have the form we write."""
