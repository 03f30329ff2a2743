"""The smallest protocol there can be, spoken in lines, to test the frame that real ones hang in.

`I am NAME` says who it is, `ph=7.1` is a reading (answered `ok` once it is stored), `beat` a sign of life, anything else is refused.
"""

from collections.abc import Sequence

from hub.command import Command
from ingest.codec import Reading, Taken
from ingest.field.session import (
    Action,
    Close,
    Decoded,
    Deliver,
    Identify,
    Line,
    Progress,
    Reject,
    Seen,
    Send,
)

NAME = "line"


class LineSession:
    """One connection."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.station = ""
        self.rest = b""
        self.tokens = 0
        self.asked: dict[str, int] = {}

    def received(self, data: bytes, now: int) -> Sequence[Action]:
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [action for line in lines for action in self._one(line, now)]

    def _one(self, line: bytes, now: int) -> list[Action]:
        if line.startswith(b"I am "):
            device = self.line.directory.find(NAME, line[5:].decode())
            if device is None:
                return [Reject("unknown_device", f"line: nobody is called {line[5:]!r}", line), Close("unknown device")]
            self.station = device.station
            return [Identify(device.station, line[5:].decode(), "1"), Seen(line), Send(b"hello\n")]
        if line == b"beat":
            return [Seen(line)]
        if line.startswith(b"did "):
            command = line[4:].decode()
            self.asked.pop(command, None)
            return [Seen(line), Progress(command, "done", "it says so")]
        if not self.station or not line.startswith(b"ph="):
            return [Reject("bad_format", f"line: expected ph=NUMBER, got {line!r}", line)]
        self.tokens += 1
        taken = Taken([Reading(now, ("ph",), (float(line[3:]),))])
        return [Deliver(self.station, taken, line, self.tokens)]

    def durable(self, token: int, now: int) -> Sequence[Action]:
        return [Send(b"ok %d\n" % token)]

    def command(self, command: Command, now: int) -> Sequence[Action]:
        self.asked[command.id] = now + 10_000
        return [Send(b"do %s\n" % command.id.encode(), b"do ***\n"), Progress(command.id, "sent")]

    def tick(self, now: int) -> Sequence[Action]:
        late = [command for command, until in self.asked.items() if until <= now]
        for command in late:
            del self.asked[command]
        return [Progress(command, "failed", "no answer in 10 s") for command in late]

    def next_tick(self) -> int | None:
        return min(self.asked.values(), default=None)

    def closed(self, now: int) -> Sequence[Action]:
        return []


class LineProtocol:
    """What the frame loads."""

    name = NAME
    commands = ("do",)

    def open(self, line: Line, now: int) -> LineSession:
        return LineSession(line)

    def decode(self, data: bytes) -> Decoded:
        return Decoded(ok=True)

    def masked(self, data: bytes) -> bytes:
        return data.replace(b"secret", b"******")


PROTOCOL = LineProtocol()
