"""Silence: nothing came from a device for so many of its declared periods, by the clock that only runs while ingest does."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.alert import AlertTransition, Target, alert_id
from hub.batch import Ints
from hub.catalogue import Catalogue, Device
from hub.model import Condition
from hub.rule import Rule
from processors.columns import NEVER
from processors.voice import Voice

Key = tuple[str, str]
"""Rule id and station."""

STATE: Final = np.dtype(
    [
        ("since", "<i8"),
        ("since_received", "<i8"),
        ("start", "<i8"),
        ("fired", "<i8"),
        ("n", "<i4"),
        ("version", "<i4"),
        ("level", "u1"),
    ]
)
"""One watch: the clock and the receive time when it began, and, if `n` is not 0, the alert that is active."""


def period_of(device: Device) -> int | None:
    """How often something must come from the device (ms): its own period, else the shortest of its datastreams; None: it promises nothing."""
    periods = [stream.period_ms for stream in device.datastreams.values() if stream.period_ms is not None]
    return device.period_ms if device.period_ms is not None else min(periods, default=None)


class SilenceWatch:
    """Every silence rule on every device of the partition; station numbers are the engine's."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.state = np.zeros(0, STATE)
        self.heard: Ints = np.empty(0, np.int64)
        self.heard_received: Ints = np.empty(0, np.int64)
        self._rules: list[Rule] = []
        self._station: Ints = np.empty(0, np.int64)
        self._period: Ints = np.empty(0, np.int64)
        self._allowed: Ints = np.empty(0, np.int64)

    def grow(self, stations: int) -> None:
        """Make room for stations that are new."""
        more = np.full(stations - len(self.heard), NEVER, np.int64)
        if len(more):
            self.heard = np.concatenate((self.heard, more))
            self.heard_received = np.concatenate((self.heard_received, more))

    def needed(self) -> NDArray[np.intp]:
        """The watches whose own state matters: an active alert, or nothing heard since the watch began."""
        return np.flatnonzero((self.state["n"] > 0) | (self.heard[self._station] < self.state["since"]))

    def watch(self, wanted: list[tuple[Rule, Device, int]], voice: Voice, *, since: int) -> None:
        """Watch these (rule, device, station number), new ones from `since` on; alerts of what is watched no more end."""
        old = dict(zip(self.keys, self.state, strict=True))
        self.keys = [(rule.id, device.station) for rule, device, _ in wanted]
        self.state = np.zeros(len(wanted), STATE)
        for place, key in enumerate(self.keys):
            kept = old.pop(key, None)
            self.state[place] = (since, voice.received, 0, 0, 0, 0, 0) if kept is None else kept
        for key, state in old.items():
            if state["n"]:
                state["n"] += 1
                text = "rule removed"
                _say(voice, key, state, Condition.CLEARED, None, None, text=text)
        self._rules = [rule for rule, _, _ in wanted]
        self._station = np.array([number for _, _, number in wanted], np.int64)
        self._period = np.array([period_of(device) or 0 for _, device, _ in wanted], np.int64)
        periods = np.array([rule.periods for rule in self._rules], np.float64)
        self._allowed = (periods * self._period).astype(np.int64)

    def hear(self, stations: NDArray[np.int64], clock: int, received: int) -> None:
        """Something came from these stations."""
        self.heard[stations] = clock
        self.heard_received[stations] = received

    def look(self, clock: int, voice: Voice) -> None:
        """Raise what has become silent, clear what has been heard."""
        if not self.keys:
            return
        heard = self.heard[self._station]
        never = heard == NEVER
        begun = heard < self.state["since"]
        silent = clock - np.where(never, self.state["since"], heard) > self._allowed
        active = self.state["n"] > 0
        for place in np.flatnonzero(silent & ~active):
            self._raise(int(place), voice, known=not never[place], fresh=bool(begun[place]))
        for place in np.flatnonzero(active & (heard == clock)):
            state = self.state[place]
            state["n"] += 1
            state["version"] = self._rules[place].version
            _say(voice, self.keys[place], state, Condition.CLEARED, None, None)
            self.state[place]["n"] = 0

    def _raise(self, place: int, voice: Voice, *, known: bool, fresh: bool) -> None:
        rule, state, since = self._rules[place], self.state[place], int(self.state[place]["since_received"])
        heard = int(self.heard_received[self._station[place]]) if known else since
        start = heard + int(self._period[place])
        if known and fresh:
            # a rule cannot be broken before it is in force; and an alert that ended with an old rule does not come back under its id
            start = max(start, since)
        state["start"], state["fired"], state["n"], state["level"] = start, voice.received, 1, rule.silence_level
        state["version"] = rule.version
        silent = (voice.received - heard) / 1000
        allowed = float(self._allowed[place]) / 1000
        _say(voice, self.keys[place], state, Condition.ACTIVE, silent, allowed)


def _say(
    voice: Voice,
    key: Key,
    state: np.void,
    condition: Condition,
    silent: float | None,
    allowed: float | None,
    *,
    text: str = "",
) -> None:
    target = Target(*key[1].split("/"))
    start = int(state["start"])
    voice.said.append(
        AlertTransition(
            id=alert_id(key[0], target, start),
            n=int(state["n"]),
            rule=key[0],
            rule_version=int(state["version"]),
            target=target,
            level=int(state["level"]),
            condition=condition,
            at=voice.received,
            received=voice.received,
            breach_start=start,
            fired=int(state["fired"]),
            cleared=voice.received if condition is Condition.CLEARED else None,
            value=silent,
            limit=allowed,
            unit="s",
            text=text,
            partition=voice.partition,
            offset=voice.offset,
        )
    )


def watched(catalogue: Catalogue, owned: dict[str, int]) -> list[tuple[Rule, Device, int]]:
    """What the silence rules watch among the partition's stations (name to number): enabled devices that promise a period."""
    rules = sorted((rule for rule in catalogue.rules.values() if rule.kind == "silence"), key=lambda rule: rule.id)
    devices = [(catalogue.devices.get(name), number) for name, number in owned.items()]
    return [
        (rule, device, number)
        for rule in rules
        for device, number in devices
        if device is not None and device.enabled and period_of(device) is not None and rule.matches(device.station)
    ]
