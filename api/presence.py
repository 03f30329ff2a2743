"""When each station was last heard, and what that says of it; asked of the series store at most once a second."""

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from hub.catalogue import Device
from hub.clock import Clock
from hub.errors import StoreUnavailable
from hub.rule import DEFAULT_GAP_MS, GAP_PERIODS
from storage.records.register import DeviceState
from storage.series import Points, Select, SeriesStore

State = Literal["online", "offline", "silent", "never"]
_FRESH_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest value of each series, and the newest time of each station, epoch ms."""

    points: dict[tuple[str, str], Points] = field(default_factory=dict)
    stations: dict[str, int] = field(default_factory=dict)
    properties: dict[str, list[str]] = field(default_factory=dict)


class Presence:
    """Remembers the newest values for a second; while the store is away it answers with what it knew."""

    def __init__(self, series: SeriesStore, clock: Clock) -> None:
        self._series = series
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = Seen()
        self._until = float("-inf")

    def seen(self) -> Seen:
        """What was heard last, at most a second ago."""
        with self._lock:
            if self._clock.monotonic() >= self._until:
                # Without the store the register is still worth showing; the health page names the store.
                with contextlib.suppress(StoreUnavailable):
                    self._seen = _gather(self._series.latest(Select()))
                self._until = self._clock.monotonic() + _FRESH_S
            return self._seen


def _gather(points: list[Points]) -> Seen:
    seen = Seen()
    for one in points:
        station, time = one.series.station, int(one.time[-1])
        seen.points[station, one.series.property] = one
        seen.stations[station] = max(time, seen.stations.get(station, time))
        seen.properties.setdefault(station, []).append(one.series.property)
    return seen


def overdue(last: int, period: int | None, now: int) -> bool:
    """Whether nothing came for longer than the declared period allows."""
    allowed = DEFAULT_GAP_MS if period is None else round(period * GAP_PERIODS)
    return now - last > allowed


def state_of(device: Device, last: int | None, said: DeviceState | None, now: int) -> State:
    """How the station stands: what it said of itself counts unless values came later."""
    if said is not None and said.state == "offline" and (last is None or said.time >= last):
        return "offline"
    if last is None:
        return "online" if said is not None and said.state == "online" else "never"
    return "silent" if overdue(last, device.period_ms, now) else "online"


def position_of(device: Device, points: Mapping[tuple[str, str], Points]) -> tuple[float, float] | None:
    """Longitude and latitude in degrees WGS-84: where it last was when it moves, else where the register has it."""
    lon, lat = points.get((device.station, "lon")), points.get((device.station, "lat"))
    if lon is not None and lat is not None:
        return float(lon.value[-1]), float(lat.value[-1])
    return None if device.lon is None or device.lat is None else (device.lon, device.lat)
