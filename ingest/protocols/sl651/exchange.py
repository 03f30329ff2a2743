"""What the hub asks of a station: one query at a time, sent again where no answer comes (SL 651-2014, M4, 6.3.2.3)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hub.command import Command
from ingest.field.session import Action, Progress, ProtocolError, Send
from ingest.protocols.sl651.asking import Request, as_words, request_for
from ingest.protocols.sl651.body import encode_body
from ingest.protocols.sl651.fields import PASSWORD
from ingest.protocols.sl651.message import Element, Message
from ingest.protocols.sl651.moment import from_epoch
from ingest.protocols.sl651.text import encode_text
from ingest.protocols.sl651.wire import ENQ, Frame, build

ANSWER_MS: Final = 20_000
"""How long a station may take; the standard leaves it to the channel (6.3.2.2)."""
TRIES: Final = 3
"""Once, and twice again (6.3.2.3)."""
_PASSWORD_SET: Final = 0x49
_MOST_QUEUED: Final = 100


@dataclass(slots=True)
class Exchange:
    """The query that is under way."""

    command: Command
    request: Request
    frame: bytes
    until: int
    tries: int = 1
    ending: bool = False
    """Its answer is whole, and only waits to be durable."""


class Asker:
    """The queries of one connection; `talks_to` is a frame of the station, whose addresses and coding the queries take."""

    __slots__ = ("_queue", "current")

    def __init__(self) -> None:
        self._queue: deque[tuple[Command, Request]] = deque()
        self.current: Exchange | None = None

    def __len__(self) -> int:
        return len(self._queue) + (self.current is not None)

    def put(self, command: Command, zone: str | None) -> list[Action]:
        """One more."""
        try:
            if len(self._queue) >= _MOST_QUEUED:
                raise ProtocolError("bad_value", f"{_MOST_QUEUED} commands wait already")  # noqa: TRY301 - refused as a wrong argument is
            self._queue.append((command, request_for(command.name, command.arguments, zone)))
        except ProtocolError as error:
            return [Progress(command.id, "refused", error.detail)]
        return []

    def go(self, talks_to: Frame, zone: str | None, now: int) -> list[Action]:
        """Send the next query, where none is under way."""
        actions: list[Action] = []
        while self.current is None and self._queue:
            command, request = self._queue.popleft()
            if command.expires <= now:
                actions.append(Progress(command.id, "expired"))
                continue
            try:
                frame = query(talks_to, request, zone, now)
            except ProtocolError as error:
                actions.append(Progress(command.id, "refused", error.detail))
                continue
            self.current = Exchange(command, request, frame, now + ANSWER_MS)
            actions += [Send(frame), Progress(command.id, "sent")]
        return actions

    def answered(self, function: int, now: int) -> Exchange | None:
        """The query that a frame of this function answers; it has its time anew, for what may follow."""
        if self.current is None or self.current.request.function != function:
            return None
        self.current.until = now + ANSWER_MS
        return self.current

    def end(self, make: Callable[[str], Progress]) -> list[Action]:
        """The query under way has ended; `make` says how, given the command's id."""
        ended, self.current = self.current, None
        return [] if ended is None else [make(ended.command.id)]

    def tick(self, now: int) -> list[Action]:
        """Send again what was not answered in time, or give it up."""
        current = self.current
        if current is None or current.ending or current.until > now:
            return []
        if current.tries >= TRIES:
            return self.end(
                lambda command: Progress(
                    command, "failed", f"no answer to {TRIES} queries of {ANSWER_MS // 1000} s each"
                )
            )
        current.tries += 1
        current.until = now + ANSWER_MS
        return [Send(current.frame), Progress(current.command.id, "sent", f"again, {current.tries} of {TRIES}")]

    def due(self) -> int | None:
        """When the query under way is overdue, epoch ms."""
        return None if self.current is None or self.current.ending else self.current.until

    def closed(self) -> list[Action]:
        """The connection is gone."""
        left = [command.id for command, _ in self._queue]
        self._queue.clear()
        actions = self.end(
            lambda command: Progress(command, "failed", "the connection ended before the station answered")
        )
        return [*actions, *(Progress(command, "failed", "the connection ended before it was sent") for command in left)]


def query(talks_to: Frame, request: Request, zone: str | None, now: int) -> bytes:
    """The bytes of a query; what the hub begins has serial number 0 (6.6.2.4).

    Raises:
        ProtocolError: unsupported or bad_value, in the station's coding there is no such query.
    """
    items = request.items
    if request.function == _PASSWORD_SET:
        items = (Element(PASSWORD, 0x10, bytes.fromhex(talks_to.password)), *items)
    sent = from_epoch(now, zone)
    ascii_ = talks_to.ascii
    body = encode_text(Message(0, sent, as_words(items))) if ascii_ else encode_body(Message(0, sent, items))
    return build(
        Frame(
            talks_to.centre,
            talks_to.station,
            talks_to.password,
            request.function,
            up=False,
            end=ENQ,
            body=body,
            ascii=talks_to.ascii,
        )
    )
