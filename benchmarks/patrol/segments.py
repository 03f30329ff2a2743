"""Which streams suite S1 is made of: every condition at every site of a split, busy and quiet by turns, until the asked time is full."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulators.river.river import River
from simulators.river.scene import Scene, Split, Traffic, conditions, sites
from simulators.river.things import Thing
from simulators.river.traffic import ByChance

DAY_S: Final = 86_400
LENGTH_S: Final = 150
WARM_UP_S: Final = 60
PERIOD_MS: Final = 500
BUSY: Final = Traffic(
    debris=110, coverage=10, foam=12, boats=8, birds=20, swimmers=6, walkers=12, anglers=3, boom_stays=120
)
QUIET: Final = Traffic(foam=12, boats=8, birds=20, swimmers=4, walkers=10, anglers=2)
"""Without debris: what is alarmed as debris here is false beyond doubt."""

START: Final = 1_767_225_600_000
"""2026-01-01T00:00:00Z; the sun is the condition's own."""

_ON_ITS_WAY_MS: Final = 25_000
"""What appears so long before counting begins is still upstream of the watched water when it does."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stream: a scene with a seed, `warm_up` seconds that are fed and not counted, and `length` seconds that are."""

    scene: Scene
    seed: int
    warm_up: int = WARM_UP_S
    length: int = LENGTH_S
    period: int = PERIOD_MS

    @property
    def name(self) -> str:
        """What it is called in the page."""
        return f"{self.scene.site.name}, {self.scene.condition.name}, seed {self.seed}"

    @property
    def armed(self) -> int:
        """When counting begins (epoch ms)."""
        return START + self.warm_up * 1000

    def moments(self) -> range:
        """The times of all frames (epoch ms)."""
        return range(START, self.armed + self.length * 1000, self.period)

    def river(self) -> River:
        """The river; while it warms up nothing floats by, as everything that does is to be found."""
        return River(self.scene, self.seed, START, _Later(ByChance(self.scene, self.seed), self.armed - _ON_ITS_WAY_MS))


@dataclass(frozen=True)
class _Later:
    """Traffic whose debris, boats and people come into sight after a moment only."""

    inner: ByChance
    after: int

    def things(self, moment: int) -> list[Thing]:
        found = self.inner.things(moment)
        return [thing for thing in found if thing.form.kind in {"foam", "bird"} or thing.born >= self.after]


def segments(
    days: float, split: Split = "test", *, seed: int = 1, length: int = LENGTH_S, width: int = 960, height: int = 540
) -> Iterator[Segment]:
    """Segments for so many camera-days, at least one for each condition."""
    places = [site for site in sites().values() if site.split == split]
    weathers = list(conditions().values())
    count = max(len(weathers), round(days * DAY_S / length))
    for number in range(count):
        turn, place = divmod(number, len(weathers))
        weather = weathers[place]
        site = places[(place + turn) % len(places)]
        # A turn of all sites busy, then one quiet; with fewer turns every third segment is quiet.
        quiet = (turn // len(places)) % 2 == 1 if count >= 2 * len(weathers) * len(places) else number % 3 == 2
        yield Segment(
            Scene(site, weather, QUIET if quiet else BUSY, width, height), seed * 10_000 + number, length=length
        )
