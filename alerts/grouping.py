"""Which alerts are one incident: those of one place and one cause, and in a storm those of one department."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from hub.alert import Target
from hub.catalogue import Device
from storage.records import alerts, incidents, register, rules
from storage.records.rows import AlertRow, IncidentRow, target_of

EVENT: Final = "event:"
"""What rule ids of devices' own findings begin with."""

SILENCE: Final = "silence"
EXCEEDANCE: Final = "exceedance"


@dataclass(frozen=True, slots=True)
class Matter:
    """What an alert is about: the type of its incident, its cause, its device as registered, and its group."""

    type: str
    cause: str
    key: str
    device: Device | None = None

    @property
    def section(self) -> str | None:
        """The section where it stands, None when the register does not say."""
        return (self.device.section or None) if self.device is not None else None

    @property
    def parent(self) -> str:
        """The station of the gateway it comes through, empty for none."""
        return "" if self.device is None else self.device.parent


def matter_of(tx: Connection, alert: AlertRow) -> Matter:
    """What the alert is about."""
    station = target_of(alert).station()
    device = register.get_device(tx, station)
    type_ = _type(tx, alert)
    cause = type_ if type_ == SILENCE or alert.rule.startswith(EVENT) else alert.property or ""
    matter = Matter(type_, cause, "", device)
    place = station if matter.section is None else f"{alert.department}/section/{matter.section}"
    if type_ == SILENCE and matter.parent and is_away(tx, matter.parent):
        # What is behind a gateway that is away is the gateway's incident.
        silent = incidents.silent_at(tx, _station(matter.parent))
        return Matter(type_, cause, f"{matter.parent}/{cause}" if silent is None else silent.group_key, device)
    return Matter(type_, cause, f"{place}/{cause}", device)


def is_away(tx: Connection, station: str) -> bool:
    """Whether the station said that it is offline, or is silent."""
    state = register.get_state(tx, station)
    return (state is not None and state.state == "offline") or incidents.silent_at(tx, _station(station)) is not None


def inhibitor(tx: Connection, alert: AlertRow, matter: Matter) -> str:
    """Why nobody need be told of this alert: something above it is known already; empty when nothing is.

    Its own incident is not above it: an alert that joins work in hand is told of as such.
    """
    if alert.level == 1:
        return ""
    if matter.parent and is_away(tx, matter.parent):
        return f"{matter.parent} is offline"
    if alert.level == 4:
        worst = incidents.worst_at(tx, target_of(alert), matter.section, own=(matter.key, alert.incident or ""))
        if worst is not None and worst.level == 1:
            return f"{worst.number} is of level 1"
    return ""


def home_of(
    tx: Connection, alert: AlertRow, matter: Matter, *, at: int, storm_ms: int, storm: int
) -> IncidentRow | str:
    """The incident that the alert joins at `at` (event time, epoch ms), or the group for which it opens one.

    First the open incident of its place and cause, then the open one that already has an alert of its target, then the
    solved one that it opens again; and when more than `storm` were opened within `storm_ms`, the department's storm.
    """
    for found in (
        incidents.open_for(tx, matter.key),
        incidents.open_with(tx, target_of(alert), alert.rule if alert.rule.startswith(EVENT) else ""),
        incidents.solved_for(tx, matter.key, at),
    ):
        if found is not None:
            return found
    if incidents.opened_between(tx, at - storm_ms, at + storm_ms) < storm:
        return matter.key
    key = f"storm/{alert.department}/"
    raging = incidents.open_like(tx, key)
    if raging is not None and alerts.last_fired(tx, raging.id) >= at - storm_ms:
        return raging
    return f"{key}{at}"


def _type(tx: Connection, alert: AlertRow) -> str:
    if alert.rule.startswith(EVENT):
        return alert.rule.removeprefix(EVENT)
    if alert.property is not None:
        return EXCEEDANCE
    rule = rules.get_rule(tx, alert.rule)
    return SILENCE if rule is not None and rule.kind == "silence" else "device"


def _station(station: str) -> Target:
    return Target(*station.split("/"))
