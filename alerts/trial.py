"""Trying the ways to people: who can be told, how it went the last time, and a test notice with the vendor's own words."""

import re
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from alerts.budget import Allowance
from alerts.channel import Channel, ChannelError, Notification
from alerts.pipeline import Receiver
from alerts.telling import Site
from hub.clock import Clock, SystemClock, rfc3339
from hub.errors import HubError
from storage.records import deliveries, notices

TYPE: Final = "hub.test"
_TEST_LEVEL: Final = 4


class NoSuchReceiver(HubError):
    """The settings name no receiver so, or it has no such address."""


class LastView(msgspec.Struct, frozen=True):
    """How one attempt ended: code, words and id are the vendor's."""

    ended: int
    address: str
    type: str
    status: str
    code: int | None
    answer: str
    vendor_id: str


class ReceiverView(msgspec.Struct, frozen=True):
    """A receiver: its addresses masked, how many notices wait for it, what went well and what went wrong last."""

    name: str
    channel: str
    people: bool
    addresses: list[str]
    levels: list[int]
    departments: list[str]
    rates: list[str]
    address_rates: list[str]
    waiting: int
    stopped: bool
    last_delivery: LastView | None
    last_error: LastView | None


class Tried(msgspec.Struct, frozen=True):
    """What the vendor said to a test notice; `status` is delivered, accepted, refused, failed, unsure or held."""

    receiver: str
    channel: str
    address: str
    taken: bool
    status: str
    code: int | None
    answer: str
    vendor_id: str


class Trials:
    """Every receiver with its channel; `allowance` is the sender's own, so that a test counts as any notice does."""

    def __init__(self, channels: Mapping[str, Channel], allowance: Allowance, site: Site, clock: Clock) -> None:
        self._channels = dict(channels)
        self._allowance = allowance
        self._site = site
        self._clock = clock
        self._receivers = {each.name: each for channel in self._channels.values() for each in channel.receivers()}
        self._kinds = {each.name: kind for kind, channel in self._channels.items() for each in channel.receivers()}

    def names(self) -> list[str]:
        """The receivers by name."""
        return sorted(self._receivers)

    def receiver(self, name: str) -> Receiver:
        """One of them.

        Raises:
            NoSuchReceiver: there is none.
        """
        if name not in self._receivers:
            raise NoSuchReceiver(f"no receiver {name!r}; there are {', '.join(self.names()) or 'none'}")
        return self._receivers[name]

    def listing(self, tx: Connection) -> list[ReceiverView]:
        """All of them, as people may see them."""
        waiting, ended = deliveries.waiting(tx), {receiver for receiver, _ in notices.ended(tx)}
        return [self._view(tx, self._receivers[name], waiting.get(name, 0), name in ended) for name in self.names()]

    def test(self, name: str, actor: str, place: int = 1) -> Tried:
        """Send a test notice to the receiver's address at this place, counted from 1, now and once.

        Raises:
            NoSuchReceiver: there is none, or it has no such address.
        """
        receiver = self.receiver(name)
        if not 1 <= place <= len(receiver.addresses):
            raise NoSuchReceiver(f"receiver {name!r} has {len(receiver.addresses)} addresses, not {place}")
        address, now = receiver.addresses[place - 1], self._clock.now()
        ready = max(self._allowance.ready(name, address))
        if ready > now:
            words = f"held back until {rfc3339(ready, self._site.zone)}: it has had as many as its vendor takes"
            return self._tried(receiver, address, "held", None, words)
        self._allowance.take(name, address, now)
        try:
            receipt = self._channels[self._kinds[name]].send(self._notice(name, address, actor, now))
        except ChannelError as error:
            if error.busy:
                self._allowance.rest(name, address if error.busy == "address" else None, now + int(error.wait * 1000))
            status = "refused" if error.permanent else "unsure" if error.unsure else "failed"
            return self._tried(receiver, address, status, error.code, error.answer)
        return self._tried(receiver, address, receipt.status, receipt.code, receipt.answer, receipt.vendor_id)

    def _tried(
        self, receiver: Receiver, address: str, status: str, code: int | None, answer: str, vendor_id: str = ""
    ) -> Tried:
        taken = status in {"delivered", "accepted"}
        return Tried(receiver.name, receiver.channel, masked(address), taken, status, code, answer, vendor_id)

    def _view(self, tx: Connection, receiver: Receiver, waiting: int, ended: bool) -> ReceiverView:
        return ReceiverView(
            receiver.name,
            receiver.channel,
            receiver.people,
            [masked(address) for address in receiver.addresses],
            list(receiver.levels),
            list(receiver.departments),
            list(receiver.rates),
            list(receiver.address_rates),
            waiting,
            ended,
            _last(tx, receiver.name, failed=False),
            _last(tx, receiver.name, failed=True),
        )

    def _notice(self, name: str, address: str, actor: str, now: int) -> Notification:
        number = f"{self._site.district}-test-{now // 1000}"
        opened = rfc3339(now // 1000 * 1000, self._site.zone)
        target = {"department": self._site.district, "kind": "hub", "device": name}
        incident = {"id": number, "number": number, "level": _TEST_LEVEL, "state": "detected", "opened": opened}
        data: dict[str, Any] = {
            "incident": {**incident, "target": target},
            "alert": None,
            "text": "",
            "actor": actor,
            "reason": "",
            "url": f"{self._site.public_url}/" if self._site.public_url else None,
        }
        return Notification(f"{number}-{name}", TYPE, name, address, number, now, now, data)


def no_trials() -> Trials:
    """Where nobody is told."""
    return Trials({}, Allowance(()), Site("", ZoneInfo("UTC")), SystemClock())


def masked(address: str) -> str:
    """The address as it may be shown to many: numbers and mailboxes keep their ends only."""
    if re.fullmatch(r"\+?\d{7,}", address):
        return f"{address[:-8]}****{address[-4:]}"
    box, at, domain = address.partition("@")
    return f"{box[:1]}***@{domain}" if at and "/" not in address else address


def _last(tx: Connection, receiver: str, *, failed: bool) -> LastView | None:
    row = deliveries.last(tx, receiver, failed=failed)
    if row is None:
        return None
    return LastView(row.ended, masked(row.address), row.type, row.status, row.code, row.answer, row.vendor_id)
