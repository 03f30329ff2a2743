"""The range check: what an instrument cannot truly have seen is kept, flagged, and looked at by no rule."""

import numpy as np

from hub.batch import Bytes, Floats, Ints
from hub.catalogue import Catalogue
from hub.model import Check


def range_check(value: Floats, low: Floats, high: Floats) -> Bytes:
    """Check.RANGE for each value outside [low, high] (same shapes; infinite where there is no bound), else 0."""
    outside: Bytes = ((value < low) | (value > high)).astype(np.uint8) * np.uint8(Check.RANGE)
    return outside


class Ranges:
    """The bounds of each series by its number, as the catalogue has them."""

    def __init__(self) -> None:
        self.low: Floats = np.empty(0)
        self.high: Floats = np.empty(0)

    def extend(self, catalogue: Catalogue, keys: list[tuple[str, str]]) -> None:
        """Look up the series that are not known yet."""
        bounds = [self._bounds(catalogue, *key) for key in keys[len(self.low) :]]
        if bounds:
            self.low = np.concatenate((self.low, [low for low, _ in bounds]))
            self.high = np.concatenate((self.high, [high for _, high in bounds]))

    def renew(self, catalogue: Catalogue, keys: list[tuple[str, str]], stations: set[str]) -> None:
        """Look up again the known series of these stations."""
        for sid, key in enumerate(keys[: len(self.low)]):
            if key[0] in stations:
                self.low[sid], self.high[sid] = self._bounds(catalogue, *key)

    def check(self, sid: Ints, value: Floats) -> Bytes:
        """Check.RANGE where a value lies outside its series' bounds."""
        return range_check(value, self.low[sid], self.high[sid])

    @staticmethod
    def _bounds(catalogue: Catalogue, station: str, name: str) -> tuple[float, float]:
        entry = catalogue.property_of(station, name)
        return (-np.inf if entry.low is None else entry.low, np.inf if entry.high is None else entry.high)
