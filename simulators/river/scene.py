"""A scene as data: a site (lens, banks, water, flow), a condition (wind, light, rain, camera), and what goes by; read from TOML."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

Split = Literal["training", "test"]
Metres = tuple[float, float]
"""A place on the ground: east and north of the foot of the camera's pole."""

FaultKind = Literal["black", "frozen", "blind", "blur"]
HOUR_MS: Final = 3_600_000


class Lens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pinhole camera: `height` metres over the water, `tilt` degrees below the horizon, `pan` clockwise from north, `fov` the horizontal angle.

    `k1` bends the edges (radial distortion; 0 keeps straight lines straight).
    """

    height: float
    tilt: float
    fov: float
    pan: float = 0.0
    roll: float = 0.0
    k1: float = 0.0


class Bank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Land beyond a line: `bearing` degrees from north to the line's nearest point, `distance` metres to it; the camera is on it when that is negative.

    `wall` metres of embankment stand over the water, and on top of it trees or houses up to `top`.
    """

    bearing: float
    distance: float
    wall: float = 1.5
    top: float = 9.0
    made_of: Literal["stone", "concrete", "reed"] = "stone"
    grown_with: Literal["trees", "houses", "grass"] = "trees"


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One camera's place; the water's colours are blue, green, red under white light; `watch` and `walk` are polygons on the ground."""

    name: str
    split: Split
    lens: Lens
    banks: tuple[Bank, ...]
    body: tuple[float, float, float]
    flow: Metres
    watch: tuple[Metres, ...]
    walk: tuple[Metres, ...]
    boom: tuple[Metres, Metres] | None = None
    north: float = 0.0
    origin: tuple[float, float] = (121.6, 29.95)


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong with the camera from `at` seconds on, for `lasts` seconds."""

    kind: FaultKind
    at: float
    lasts: float


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weather, light and camera. `hour` is local solar time at the start; `sun` degrees overrides the sun's direction against the view (glint at 0).

    `wind` m/s, `wind_from` degrees, `rain` mm/h, `fog` metres of sight (0: clear), `cloud` 0 to 1, `passing` the depth of clouds' shadows, `foam` and
    `mottle` 0 to 1, `shake` pixels, `noise` times the sensor's own, `jpeg` quality (0: not compressed).
    """

    name: str
    hour: float = 10.5
    sun: float | None = None
    wind: float = 1.5
    wind_from: float = 250.0
    rain: float = 0.0
    fog: float = 0.0
    cloud: float = 0.3
    passing: float = 0.0
    foam: float = 0.0
    mottle: float = 0.3
    shake: float = 0.0
    noise: float = 1.0
    night: Literal["infrared", "colour"] = "infrared"
    lamps: int = 4
    pan_at: float = -1.0
    pan_by: float = 0.0
    jpeg: int = 0
    faults: tuple[Fault, ...] = ()


class Traffic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes by, in things an hour; `boom_stays` is how many seconds caught debris stays before it is taken away."""

    debris: float = 0.0
    coverage: float = 0.0
    foam: float = 0.0
    boats: float = 0.0
    birds: float = 0.0
    swimmers: float = 0.0
    walkers: float = 0.0
    anglers: float = 0.0
    boom_stays: float = 1800.0
    dye_at: float = -1.0
    dye_delta: float = 14.0
    smoke_at: float = -1.0


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a river is drawn from; `width` x `height` pixels."""

    site: Site
    condition: Condition
    traffic: Traffic = Traffic()
    width: int = 960
    height: int = 540


class _Sites(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sites: tuple[Site, ...]


class _Conditions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    conditions: tuple[Condition, ...]


@cache
def sites() -> dict[str, Site]:
    """The shipped sites by name."""
    return {site.name: site for site in msgspec.convert(_table("sites.toml"), _Sites).sites}


@cache
def conditions() -> dict[str, Condition]:
    """The shipped conditions by name."""
    return {item.name: item for item in msgspec.convert(_table("conditions.toml"), _Conditions).conditions}


def scene(site: str, condition: str, traffic: Traffic | None = None, *, width: int = 960, height: int = 540) -> Scene:
    """A shipped site under a shipped condition.

    Raises:
        KeyError: no such site or condition.
    """
    return Scene(sites()[site], conditions()[condition], traffic or Traffic(), width, height)


def _table(name: str) -> dict[str, object]:
    return tomllib.loads((files("simulators") / "river" / "data" / name).read_text(encoding="utf-8"))
