"""What the role and its workers say to each other: one request, one answer; a length of four bytes, then MessagePack."""

from typing import IO, Final

import msgspec

from hub.event import DeviceEvent
from hub.evidence import Evidence
from hub.pictures import CameraFault, CameraState, ShownBox
from storage.pictures import View

MOST_BYTES: Final = 512 << 20


class SetUp(msgspec.Struct, frozen=True, tag="set-up"):
    """Begin with a camera, or begin anew: its configuration (JSON), the site's models, the state to go on from, and the longest step between two
    pictures that leaves no time unseen (0: the pipeline's own).
    """

    station: str
    config: bytes
    models: dict[str, bytes] = {}
    state: bytes | None = None
    gap_ms: int = 0


class Look(msgspec.Struct, frozen=True, tag="look"):
    """One picture: its time and when it was received, epoch ms; `show` asks for it with what was seen drawn in, `keep` for a small one."""

    station: str
    time: int
    received: int
    seq: int
    data: bytes
    show: bool = False
    keep: bool = False


class Absent(msgspec.Struct, frozen=True, tag="absent"):
    """No picture came until `time`, and why."""

    station: str
    time: int
    received: int
    cause: str


class Export(msgspec.Struct, frozen=True, tag="export"):
    """Give the camera's state."""

    station: str


class Leave(msgspec.Struct, frozen=True, tag="leave"):
    """Close what is open and forget the camera; `time` 0 forgets without a word."""

    station: str
    time: int
    received: int


class Piece(msgspec.Struct, frozen=True):
    """A piece of evidence with its bytes, and those of its twin without people."""

    event: str
    piece: Evidence
    data: bytes
    twin: bytes | None = None


class SpanSeen(msgspec.Struct, frozen=True):
    """A stretch of time that was seen or, with a cause, not."""

    start: int
    end: int
    cause: str = ""


class Answer(msgspec.Struct, frozen=True, tag="answer", omit_defaults=True):
    """What came of a request. `fault` says that the picture was none; `pictures` are JPEG by view, `small` one for the day."""

    events: tuple[DeviceEvent, ...] = ()
    features: dict[str, str] = {}
    pieces: tuple[Piece, ...] = ()
    numbers: dict[str, float] = {}
    minute: int | None = None
    span: SpanSeen | None = None
    state: CameraState = "unknown"
    cause: str = ""
    size: tuple[int, int] = (0, 0)
    boxes: tuple[ShownBox, ...] = ()
    pictures: dict[View, bytes] = {}
    small: bytes | None = None
    exported: bytes | None = None
    fault: CameraFault | None = None
    detail: str = ""


Request = SetUp | Look | Absent | Export | Leave

_encoder: Final = msgspec.msgpack.Encoder()
_requests: Final = msgspec.msgpack.Decoder(Request)
_answers: Final = msgspec.msgpack.Decoder(Answer)


def write(pipe: IO[bytes], message: Request | Answer) -> None:
    """Send one message."""
    body = _encoder.encode(message)
    pipe.write(len(body).to_bytes(4, "big") + body)
    pipe.flush()


def read_request(pipe: IO[bytes]) -> Request | None:
    """The next request, None at the end."""
    body = _body(pipe)
    if body is None:
        return None
    request: Request = _requests.decode(body)
    return request


def read_answer(pipe: IO[bytes]) -> Answer | None:
    """The next answer, None where the worker is gone."""
    body = _body(pipe)
    return None if body is None else _answers.decode(body)


def _body(pipe: IO[bytes]) -> bytes | None:
    head = pipe.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    body = pipe.read(size) if size <= MOST_BYTES else b""
    return body if len(body) == size else None
