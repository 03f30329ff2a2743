"""The settings of incidents: what is verified by itself, what is one incident, how long each step may take."""

from typing import Annotated, Any

from pydantic import Field

from hub.section import Section

Level = Annotated[int, Field(ge=1, le=4)]
Seconds = Annotated[int, Field(ge=1, le=31_536_000)]


class ClockSection(Section):
    """How long each step may take at one level, in seconds; what is left out is as shipped."""

    verify_s: Seconds | None = None
    ack_s: Seconds | None = None
    arrive_s: Seconds | None = None
    solve_s: Seconds | None = None
    ack_ttl_s: Seconds | None = None


class IncidentsSection(Section):
    """How incidents are made and kept.

    `auto_verify` are the levels that need no officer to be verified, `confirmed_by` so many stations of one incident
    verify it too. More than `storm` incidents within `storm_s` seconds, and the next ones of a department are one.
    An alert that fires `chatter` times in `chatter_s` holds its incident open until it was quiet for `quiet_s`.
    `self_clear_s` after all cleared an incident that nobody looked at ends. `clocks` by level, `contracts` by type, as
    in the shipped `alerts/closing.toml`.
    """

    auto_verify: tuple[Level, ...] = (1,)
    confirmed_by: int = Field(default=3, ge=2, le=1000)
    storm: int = Field(default=8, ge=1, le=1000)
    storm_s: Seconds = 60
    chatter: int = Field(default=5, ge=3, le=1000)
    chatter_s: Seconds = 3600
    quiet_s: Seconds = 1800
    self_clear_s: Seconds = 600
    digest_s: Seconds = 600
    geofence_m: float = Field(default=300, gt=0, le=100_000)
    keep_days: int = Field(default=1095, ge=1)
    clocks: dict[str, ClockSection] = Field(default_factory=dict)
    contracts: dict[str, dict[str, Any]] = Field(default_factory=dict)
