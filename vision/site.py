"""The parts of a camera's site: zones drawn on the picture, measured ground points, the flow, and what counts."""

from typing import NamedTuple

import msgspec


class Point(NamedTuple):
    """A place in the picture: pixels from the left and from the top."""

    x: float
    y: float


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named polygon in pixels of the configured frame size; the last point joins the first."""

    name: str
    points: tuple[Point, ...]


class GroundPoint(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One measured point: where it is in the picture and on the ground, either as local metres (`east`, `north`) or in degrees (WGS-84)."""

    x: float
    y: float
    east: float | None = None
    north: float | None = None
    lon: float | None = None
    lat: float | None = None


class Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the water goes: degrees clockwise from north (of the local metres), and metres a second."""

    direction_deg: float
    speed_m_s: float


class Persist(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing counts when it was seen in `k` of the last `n` frames."""

    k: int = 4
    n: int = 6


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rectangle on the bank whose colour never changes, to take the light out of the water's colour; pixels of the configured frame size."""

    x: int
    y: int
    w: int
    h: int


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the rules of a camera hold a thing against; seconds, square metres, per cent of the water, CIE delta-E."""

    coverage_m2: float = 2.0
    coverage_percent: float = 1.0
    accumulation_s: float = 600.0
    dwell_s: float = 120.0
    intrusion_s: float = 3.0
    colour_delta_e: float = 8.0
    colour_s: float = 600.0
    smoke_s: float = 30.0
