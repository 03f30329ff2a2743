"""Commands on their way to one logger: 9011, then data, then 9012, with time-outs and retries (HJ 212-2017, 6.2, 6.6); one exchange at a time."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from hub.command import State
from ingest.field.session import Action, Count, Progress, Send
from ingest.protocols.hj212.commands import Request
from ingest.protocols.hj212.content import as_object
from ingest.protocols.hj212.packet import Packet
from ingest.protocols.hj212.times import write_qn
from ingest.protocols.hj212.words import REQUEST_REPLIES, RESULTS

REPLY_MS: Final = 10_000
"""How long a logger may take to answer a request (6.6)."""

SENT_MOST: Final = 4
"""A request and its three repetitions (6.6)."""

RESULT_MS: Final = 60_000
"""How long it may then work without a word before 9012."""

_MOST_WAITING: Final = 32
_MOST_VALUES: Final = 64


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended, and when (epoch ms)."""

    state: State
    detail: str
    now: int


Ended = Callable[[Ending], None]


class Writer(Protocol):
    """Makes the frame of a request, in the words of the device at hand."""

    def __call__(self, qn: str, request: Request) -> Send:
        """The frame."""


@dataclass(slots=True)
class Errand:
    """One command on its way: queued until `qn` is set."""

    id: str
    request: Request
    expires: int
    ended: Ended | None = None
    qn: str = ""
    sent: int = 0
    due: int = 0
    accepted: bool = False
    records: int = 0
    values: dict[str, object] = field(default_factory=dict)


class Downlink:
    """The errands of one connection, in order."""

    def __init__(self, write: Writer) -> None:
        self._write = write
        self._waiting: deque[Errand] = deque()
        self._going: Errand | None = None
        self._last_qn = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is asked and nothing waits."""
        return self._going is None and not self._waiting

    def put(self, errand: Errand, now: int) -> list[Action]:
        """One more command."""
        if len(self._waiting) >= _MOST_WAITING:
            return self._end(errand, "refused", f"{_MOST_WAITING} commands wait for this device already", now)
        self._waiting.append(errand)
        if self._going is not None:
            return [Progress(errand.id, "queued", "another command is under way")]
        return self._next(now)

    def asked(self, qn: str) -> bool:
        """Whether this QN is that of the command under way."""
        return self._going is not None and bool(qn) and self._going.qn == qn

    def heard(self, packet: Packet, items: list[tuple[str, str]], now: int) -> list[Action]:
        """A frame with the QN of the command under way, or a reply to one that is over."""
        errand = self._going
        if errand is None or packet.qn != errand.qn:
            return [Count("unasked")]
        words = dict(items)
        if packet.cn == "9011":
            return self._replied(errand, words.get("QnRtn", ""), now)
        if packet.cn == "9012":
            return self._resulted(errand, words.get("ExeRtn", ""), now)
        if packet.cn == "9013":
            return self._finish("done", "", now)
        errand.due = now + RESULT_MS
        errand.records += 1
        if packet.cn[0] != "2" and len(errand.values) < _MOST_VALUES:
            errand.values.update(as_object(items))
        return self._accept(errand)

    def tick(self, now: int) -> list[Action]:
        """Time-outs and repetitions."""
        errand = self._going
        actions: list[Action] = []
        if errand is not None and errand.due <= now:
            if errand.accepted:
                actions += self._finish("failed", f"accepted, but no result in {RESULT_MS // 1000} s", now)
            elif errand.sent >= SENT_MOST:
                actions += self._finish("failed", f"no answer to {errand.sent} requests", now)
            else:
                actions += self._send(errand, now)
        return actions

    def next_time(self) -> int | None:
        """When `tick` is wanted, epoch ms."""
        return None if self._going is None else self._going.due

    def close(self, now: int) -> list[Action]:
        """The connection is gone."""
        errands = [*([self._going] if self._going else []), *self._waiting]
        self._going = None
        self._waiting.clear()
        return [step for one in errands for step in self._end(one, "failed", "the connection ended", now)]

    def _next(self, now: int) -> list[Action]:
        actions: list[Action] = []
        while self._going is None and self._waiting:
            errand = self._waiting.popleft()
            if errand.expires <= now:
                actions += self._end(errand, "expired", "", now)
                continue
            self._going = errand
            self._last_qn = max(now, self._last_qn + 1)
            errand.qn = write_qn(self._last_qn)
            actions += [*self._send(errand, now), Progress(errand.id, "sent", f"QN={errand.qn}")]
        return actions

    def _send(self, errand: Errand, now: int) -> list[Action]:
        errand.sent += 1
        errand.due = now + REPLY_MS
        again: list[Action] = [Count("resent")] if errand.sent > 1 else []
        return [self._write(errand.qn, errand.request), *again]

    def _accept(self, errand: Errand) -> list[Action]:
        if errand.accepted:
            return []
        errand.accepted = True
        return [Progress(errand.id, "accepted")]

    def _replied(self, errand: Errand, code: str, now: int) -> list[Action]:
        if code != "1":
            return self._finish("refused", f"QnRtn={code}: {REQUEST_REPLIES.get(code, 'no word of table 7')}", now)
        errand.due = now + RESULT_MS
        accepted = self._accept(errand)
        return accepted + (self._finish("done", "", now) if errand.request.ends == "reply" else [])

    def _resulted(self, errand: Errand, code: str, now: int) -> list[Action]:
        word = f"ExeRtn={code}: {RESULTS.get(code, 'no word of table 8')}"
        return self._finish("done" if code == "1" else "failed", word, now)

    def _finish(self, state: State, detail: str, now: int) -> list[Action]:
        errand = self._going
        assert errand is not None
        self._going = None
        return [*self._end(errand, state, detail, now), *self._next(now)]

    def _end(self, errand: Errand, state: State, detail: str, now: int) -> list[Action]:
        if errand.ended is not None:
            errand.ended(Ending(state, detail, now))
        values = dict(errand.values) if state == "done" else {}
        if errand.request.cn[0] == "2" and errand.qn:
            values["records"] = errand.records
        return [Progress(errand.id, state, detail, values)]
