"""What is asked of one logger: commands that people gave, and what the hub asks by itself: settings after a start, missing periods (6.7)."""

import itertools
from typing import Final

from hub.command import Command
from ingest.field.session import Action, Count, Progress, ProtocolError, Send
from ingest.protocols.hj212.caller import Caller
from ingest.protocols.hj212.commands import Request, request_for
from ingest.protocols.hj212.downlink import Downlink, Ended, Ending, Errand
from ingest.protocols.hj212.gaps import Gap
from ingest.protocols.hj212.packet import Packet
from ingest.protocols.hj212.times import HOUR

_LASTS_MS: Final = 10 * 60_000
_SYSTEM_OF_KIND: Final = {"water": "21", "air": "22", "source": "32"}


class Asking:
    """One per connection; `caller` is known from the first frame on. `by_itself`: whether the hub may ask what nobody gave."""

    def __init__(self, *, by_itself: bool) -> None:
        self.caller: Caller | None = None
        self._by_itself = by_itself
        self._downlink = Downlink(self._write)
        self._numbers = itertools.count(1)

    def command(self, command: Command, now: int) -> list[Action]:
        """A command that somebody gave."""
        if self.caller is None:
            return [Progress(command.id, "refused", "the device has not said who it is")]
        try:
            request = request_for(command.name, command.arguments, now)
        except ProtocolError as error:
            return [Progress(command.id, "refused", error.detail)]
        ended = None
        if command.name == "password.set":
            ended = _password_set(self.caller, str(command.arguments["password"]))
        return self._downlink.put(Errand(command.id, request, command.expires, ended), now)

    def asked(self, qn: str) -> bool:
        """Whether this QN is that of the command under way."""
        return self._downlink.asked(qn)

    def heard(self, packet: Packet, items: list[tuple[str, str]], now: int) -> list[Action]:
        """A frame that answers a command."""
        return [*self._downlink.heard(packet, items, now), *self._backfill(now)]

    def tick(self, now: int) -> list[Action]:
        """Time-outs, repetitions, and missing periods."""
        return [*self._downlink.tick(now), *self._backfill(now)]

    def next_time(self) -> int | None:
        """When `tick` is wanted, epoch ms."""
        caller = self.caller
        if caller is not None and self._may_fill(caller):
            return caller.memory.gaps.ready()
        return self._downlink.next_time()

    def close(self, now: int) -> list[Action]:
        """The connection is gone."""
        return self._downlink.close(now)

    def initialise(self, cn: str, now: int) -> list[Action]:
        """What the centre sets: the clock when it is asked to (1013); after a start (2081) time-outs and the interval too (6.7)."""
        if not self._by_itself or self.caller is None:
            return []
        if cn == "1013":
            return self._ask(self.caller, "clock.set", {}, now)
        actions = self._ask(self.caller, "timeout.set", {"seconds": 10, "retries": 3}, now)
        actions += self._ask(self.caller, "clock.set", {}, now)
        period = self.caller.device.period_ms
        if period is not None and 30_000 <= period <= HOUR:
            actions += self._ask(self.caller, "interval.set", {"seconds": period // 1000}, now)
        return actions

    def _ask(
        self, caller: Caller, name: str, arguments: dict[str, object], now: int, ended: Ended | None = None
    ) -> list[Action]:
        request = request_for(name, arguments, now)
        errand = Errand(f"auto:{name}:{caller.mn}-{now}-{next(self._numbers)}", request, now + _LASTS_MS, ended)
        return self._downlink.put(errand, now)

    def _may_fill(self, caller: Caller) -> bool:
        return self._by_itself and caller.link.backfill and self._downlink.idle

    def _backfill(self, now: int) -> list[Action]:
        caller = self.caller
        if caller is None or not self._may_fill(caller):
            return []
        gap = caller.memory.gaps.take(now)
        if gap is None:
            return []
        asked: dict[str, object] = {"kind": gap.kind, "begin": gap.begin, "end": gap.end}
        return [Count("backfill"), *self._ask(caller, "data.query", asked, now, _backfilled(caller, gap))]

    def _write(self, qn: str, request: Request) -> Send:
        caller = self.caller
        assert caller is not None
        st = caller.st or _SYSTEM_OF_KIND.get(caller.entry.kind, "32")
        flag = ((caller.flag or 0) & ~3) | 1
        return caller.send(Packet(st, request.cn, caller.mn, qn, caller.password, flag, cp=request.cp))


def _backfilled(caller: Caller, gap: Gap) -> Ended:
    def ended(ending: Ending) -> None:
        if ending.state in ("failed", "expired") and not ending.detail.startswith("ExeRtn=100"):
            caller.memory.gaps.failed(gap, ending.now)

    return ended


def _password_set(caller: Caller, password: str) -> Ended:
    caller.memory.offered = password

    def ended(ending: Ending) -> None:
        caller.memory.offered = ""
        if ending.state == "done":
            caller.memory.new_password = password

    return ended
