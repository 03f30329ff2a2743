"""How often a receiver may be told: at most so many notices in any stretch of time, as its vendor takes them."""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from alerts.pipeline import Receiver

_UNITS: Final = {"s": 1, "min": 60, "h": 3600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` notices in any stretch of `window` milliseconds."""

    count: int
    window: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """The rate written as `20/min` or `1/30s`, in the form the settings have checked."""
        count, _, stretch = text.partition("/")
        unit = stretch.lstrip("0123456789")
        return cls(int(count), int(stretch.removesuffix(unit) or 1) * _UNITS[unit] * 1000)


class Budget:
    """When one more notice may go.

    The last sends themselves are kept: a bucket that fills evenly lets nearly twice the count pass within one window,
    and vendors that count so answer by refusing everything for minutes. Times are epoch ms.
    """

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates = tuple(rates)
        self._sent: deque[int] = deque(maxlen=max((rate.count for rate in self._rates), default=1))
        self._rests_until = 0

    def ready(self) -> int:
        """From when on one more may go."""
        full = (self._sent[-rate.count] + rate.window for rate in self._rates if len(self._sent) >= rate.count)
        return max(self._rests_until, max(full, default=0))

    def take(self, now: int) -> None:
        """One goes now."""
        if self._rates:
            self._sent.append(now)

    def rest(self, until: int) -> None:
        """Nothing may go before `until`: the vendor said so."""
        self._rests_until = max(self._rests_until, until)


class Allowance:
    """The budgets of all receivers, and of each of their addresses; asked and changed from any thread."""

    def __init__(self, receivers: Iterable[Receiver]) -> None:
        named = {each.name: each for each in receivers}
        self._of_addresses = {name: tuple(map(Rate.parse, each.address_rates)) for name, each in named.items()}
        self._receivers = {name: Budget(map(Rate.parse, each.rates)) for name, each in named.items()}
        self._addresses: dict[tuple[str, str], Budget] = {}
        self._lock = threading.Lock()

    def closed(self, now: int) -> dict[str, int]:
        """The receivers that may not be told now, with the time from which on they may."""
        with self._lock:
            moments = {name: budget.ready() for name, budget in self._receivers.items()}
        return {name: moment for name, moment in moments.items() if moment > now}

    def ready(self, receiver: str, address: str) -> tuple[int, int]:
        """From when on the receiver may be told, and from when on this address of it."""
        with self._lock:
            return self._receiver(receiver).ready(), self._address(receiver, address).ready()

    def take(self, receiver: str, address: str, now: int) -> None:
        """One notice goes to the address now."""
        with self._lock:
            self._receiver(receiver).take(now)
            self._address(receiver, address).take(now)

    def rest(self, receiver: str, address: str | None, until: int) -> None:
        """The vendor takes nothing for the receiver, or for one address of it, before `until`."""
        with self._lock:
            (self._receiver(receiver) if address is None else self._address(receiver, address)).rest(until)

    def _receiver(self, name: str) -> Budget:
        return self._receivers.setdefault(name, Budget(()))

    def _address(self, receiver: str, address: str) -> Budget:
        found = self._addresses.get((receiver, address))
        if found is None:
            found = self._addresses[receiver, address] = Budget(self._of_addresses.get(receiver, ()))
        return found
