"""Tries to deliver: which notices may go now, and the threads that make each try once."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from alerts.budget import Allowance
from alerts.channel import Channel, ChannelError, Notification
from alerts.crew import Crew
from hub.clock import Clock
from storage.records import outbox
from storage.records.outbox import End, Outcome

_log = logging.getLogger("hub.alerts")

PER_RECEIVER: Final = 16
"""Tries under way at once to one receiver: one that hangs holds up nobody else."""

AT_ONCE: Final = 256
"""Notices looked at for one transaction."""

Ended = Callable[[Row[Any], Outcome], None]


class Tries:
    """Every try under way. `ended` is called from the thread of the try with what became of it."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock, backoff: tuple[float, ...], ended: Ended) -> None:
        self._channels = dict(channels)
        self._clock = clock
        self._backoff = backoff
        self._ended = ended
        self.allowance = Allowance(each for channel in self._channels.values() for each in channel.receivers())
        self._under_way: dict[int, str] = {}
        self._crews: dict[str, Crew] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._under_way)

    def known(self) -> set[int]:
        """The notices whose tries are under way."""
        with self._lock:
            return set(self._under_way)

    def waited_for(self, tx: Connection, now: int) -> bool:
        """Whether a notice is due whose receiver has room and may be told."""
        return bool(outbox.due(tx, at=now, limit=1, busy=self._busy(now)))

    def claim(self, tx: Connection, now: int) -> tuple[list[Row[Any]], bool]:
        """Claim what is due, as much as each receiver has room and budget for; the rows to `begin`, and whether that is all."""
        busy = self._busy(now)
        with self._lock:
            under_way = Counter(self._under_way.values())
        due = outbox.due(tx, at=now, limit=AT_ONCE, busy=busy)
        chosen: list[int] = []
        held: dict[int, int] = {}
        for notice, receiver, address in due:
            if under_way[receiver] >= PER_RECEIVER:
                continue
            whole, own = self.allowance.ready(receiver, address)
            if own > now:
                held[notice] = own
            elif whole <= now:
                self.allowance.take(receiver, address, now)
                under_way[receiver] += 1
                chosen.append(notice)
        outbox.postpone(tx, held)
        return outbox.claim(tx, chosen, at=now), not busy and len(chosen) == len(due) < AT_ONCE

    def begin(self, rows: Iterable[Row[Any]]) -> None:
        """Make a try for each of these notices; their claim is committed."""
        for row in rows:
            with self._lock:
                self._under_way[row.id] = row.receiver
                crew = self._crews.get(row.receiver)
                if crew is None:
                    crew = self._crews[row.receiver] = Crew(f"send-{row.receiver}", PER_RECEIVER)
            crew.give(partial(self._try, row))

    def forget(self, notice: int) -> None:
        """This try has ended, and whoever asked knows how."""
        with self._lock:
            self._under_way.pop(notice, None)

    def close(self) -> None:
        """Let every thread end after its try."""
        with self._lock:
            crews = list(self._crews.values())
        for crew in crews:
            crew.close()

    def _busy(self, now: int) -> set[str]:
        """The receivers that have no room, or may not be told now."""
        with self._lock:
            under_way = Counter(self._under_way.values())
        return {name for name, count in under_way.items() if count >= PER_RECEIVER} | self.allowance.closed(now).keys()

    def _try(self, row: Row[Any]) -> None:
        """One try, on a thread of the crew."""
        self._ended(row, self._outcome(row))

    def _outcome(self, row: Row[Any]) -> Outcome:
        channel = self._channels.get(row.channel)
        if channel is None:
            return self._failed(row, ChannelError("the hub has no such channel any more", permanent=True))
        try:
            receipt = channel.send(_notification(row, self._clock.now()))
        except ChannelError as error:
            return self._failed(row, error)
        except Exception as error:  # noqa: BLE001 - a channel that breaks is a failed try, not the end of the sender
            _log.exception("channel %s failed on notice %d", row.channel, row.id)
            return self._failed(row, ChannelError(f"{type(error).__name__}: {error}", permanent=False, unsure=True))
        ended, status = self._clock.now(), receipt.status
        return Outcome(row.id, row.attempts, ended, status, status, 0, receipt.code, receipt.answer, receipt.vendor_id)

    def _failed(self, row: Row[Any], error: ChannelError) -> Outcome:
        now = self._clock.now()
        if error.busy:
            address = row.address if error.busy == "address" else None
            self.allowance.rest(row.receiver, address, now + int(error.wait * 1000))
        status = "refused" if error.permanent else "unsure" if error.unsure else "failed"
        end: End | None = "gone" if error.ends else "failed"
        next_at = 0
        if not error.permanent and row.attempts <= len(self._backoff):
            end, next_at = None, now + int(max(self._backoff[row.attempts - 1], error.wait) * 1000)
        return Outcome(row.id, row.attempts, now, status, end, next_at, error.code, error.answer)


def _notification(row: Row[Any], now: int) -> Notification:
    data = msgspec.json.decode(row.body)
    return Notification(
        row.key,
        row.type,
        row.receiver,
        row.address,
        data["incident"]["number"],
        row.created,
        now,
        data,
        row.attempts,
        row.maybe_duplicate,
    )
