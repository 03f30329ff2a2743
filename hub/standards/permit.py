"""A limit that a permit sets for one outlet: data of the register, declared at a device's datastream."""

from datetime import date
from math import isfinite
from typing import Literal

import msgspec

Basis = Literal["hour", "day"]
"""What a permit's limit is held against: hourly or daily means."""


class PermitLimit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Values must not go over `above` or under `below` (the datastream's unit), from the first day to the last, both of them included.

    `name` is the permit or standard, `edition` and `clause` where in it; a `valid_to` of None is open. Days are the site's.
    """

    name: str
    above: float | None = None
    below: float | None = None
    edition: str = ""
    clause: str = ""
    valid_from: date = date(1970, 1, 1)
    valid_to: date | None = None
    basis: Basis = "hour"

    def __post_init__(self) -> None:
        bounds = [bound for bound in (self.above, self.below) if bound is not None]
        if not self.name:
            raise ValueError("limit: expected the name of the permit or standard")
        if not bounds or not all(map(isfinite, bounds)):
            raise ValueError(f"limit {self.name!r}: expected a finite number in above, below or both")
        if self.above is not None and self.below is not None and self.below >= self.above:
            raise ValueError(f"limit {self.name!r}: expected below less than above")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"limit {self.name!r}: expected valid_to not before valid_from")
