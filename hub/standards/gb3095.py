"""GB 3095: the limits of the air's pollutants, by level (1 parks and reserves, 2 all else) and by the mean they are for."""

from datetime import date
from typing import Final, Literal

from hub.standards.edition import Edition, in_force, load

Level = Literal[1, 2]
Mean = Literal["hour", "8h", "day", "year"]
MEANS: Final[tuple[Mean, ...]] = ("hour", "8h", "day", "year")


class Gb3095(Edition, frozen=True, kw_only=True):
    """An edition in one of its stages; `limits` by property and mean for level 1 and level 2, in the catalogue's units."""

    limits: dict[str, dict[Mean, tuple[float, float]]]
    stage_zh: str = ""
    stage_en: str = ""

    def limit(self, name: str, mean: Mean, level: Level) -> float | None:
        """The limit, None where the standard has none for this mean."""
        found = self.limits.get(name, {}).get(mean)
        return None if found is None else found[level - 1]


EDITIONS: Final = load("gb3095", Gb3095)


def table(day: date) -> Gb3095 | None:
    """The edition and stage in force on that day."""
    return in_force(EDITIONS, day)
