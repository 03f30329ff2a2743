"""How the hub is, part by part: what each role last wrote of itself, and what serve itself can reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from hub.bus import Bus
from hub.clock import Clock, rfc3339
from hub.errors import Fault, StoreUnavailable
from hub.health import PartHealth, read_health
from hub.roles import parts_of
from hub.settings import Settings
from storage.records import Records
from storage.series import SeriesStore
from storage.zones import zone_of

STALE_MS: Final = 5_000
"""A part writes every second; one that has not for this long does not run."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the hub: a role's own word, or an engine as serve reaches it. `at` epoch ms of its word, None for serve's own."""

    name: str
    ok: bool
    detail: str = ""
    at: int | None = None
    counters: dict[str, float] = field(default_factory=dict)


class Board:
    """Looks at all parts; `problems` are serve's own, by part, empty text when all is well; `faults` the rule files' mistakes."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        bus: Bus,
        series: SeriesStore,
        clock: Clock,
        problems: dict[str, Callable[[], str]],
        faults: Callable[[], list[Fault]] = list,
    ) -> None:
        self._settings = settings
        self._records = records
        self._bus = bus
        self._series = series
        self._clock = clock
        self._problems = problems
        self._faults = faults

    def look(self) -> list[Line]:
        """Every part, engines first; called on a worker thread, it may wait for an engine."""
        lines = [self._records_line(), self._bus_line(), self._series_line()]
        for part, problem in self._problems.items():
            detail = problem()
            lines.append(Line(part, not detail, detail))
        return lines + self._roles(self._settings.hub.data)

    def body(self, lines: list[Line]) -> dict[str, Any]:
        """The lines as `/v1/health` and the live event say them."""
        now, zone = self._clock.now(), zone_of(self._settings.hub.zone)
        parts = [
            {
                "name": one.name,
                "ok": one.ok,
                "detail": one.detail,
                "age_s": None if one.at is None else max(0.0, (now - one.at) / 1000),
                "lag": one.counters.get("lag"),
                "counters": one.counters,
            }
            for one in lines
        ]
        failing = [one.name for one in lines if not one.ok]
        faults = [
            {"file": one.file, "line": one.line, "key": one.key, "message": one.message} for one in self._faults()
        ]
        return {
            "ok": not failing,
            "time": rfc3339(now, zone),
            "failing": failing,
            "parts": parts,
            "rule_faults": faults,
        }

    def _records_line(self) -> Line:
        try:
            with self._records.read() as tx:
                tx.execute(text("SELECT 1"))
        except StoreUnavailable as error:
            return Line("records", ok=False, detail=str(error))
        return Line("records", ok=True)

    def _bus_line(self) -> Line:
        health = self._bus.health()
        counters = {"size_bytes": float(health.size)}
        if health.free is not None:
            counters["free_bytes"] = float(health.free)
        return Line("bus", health.ok, health.detail, None, counters)

    def _series_line(self) -> Line:
        health = self._series.health()
        counters = {"pending": float(health.pending), "size_bytes": float(health.size)}
        return Line("store", health.ok, health.detail, None, counters)

    def _roles(self, data: Path) -> list[Line]:
        said = read_health(data)
        now = self._clock.now()
        wanted = [part for part in parts_of(self._settings) if part != "serve"]
        names = [*wanted, *(role for role in said if role not in wanted)]
        return [_role(name, said.get(name), now) for name in names]


def _role(name: str, said: PartHealth | None, now: int) -> Line:
    if said is None:
        return Line(name, ok=False, detail="has not started")
    silent = now - said.at
    if silent > STALE_MS:
        return Line(
            name, ok=False, detail=f"has said nothing for {silent // 1000} s", at=said.at, counters=said.counters
        )
    return Line(name, said.ok, said.detail, said.at, said.counters)
