"""JT/T 808 under fire: the frame, a body behind a check that fits, the stream, and a session of a registered terminal."""

from pathlib import Path
from typing import Final

from tests.fuzz.run import fuzz, instrumented

with instrumented(earnest=__name__ == "__main__"):
    from ingest.codec import REASONS as CODEC_REASONS
    from ingest.field.session import REASONS, Deliver, ProtocolError, Reject
    from ingest.protocols.jt808 import PROTOCOL
    from ingest.protocols.jt808.frame import MOST_FRAME, Frame, Header, parse_frame, write_frame
    from ingest.protocols.jt808.message import read_message, write_message
    from ingest.protocols.jt808.messages import BODIES
    from tests.protocols.jt808.rig import PHONE, Talk

_CODEC: Final = frozenset(("bad_crc", "bad_length", "bad_format", "bad_value", "incomplete", "unsupported"))
_SESSION: Final = frozenset((*REASONS, *CODEC_REASONS))
_CASES: Final = Path(__file__).parents[1] / "protocols" / "jt808" / "cases"
_MESSAGES: Final = (*sorted(BODIES), *(0x0200,) * 16)
_TALK: Final = Talk(trusted=True)

SEEDS: Final = tuple(bytes.fromhex(path.read_text()) for path in sorted(_CASES.rglob("frame.hex")))


def take(data: bytes) -> None:
    """One input: as a frame, as a body in a frame that fits it, and as a stream."""
    _codec(data)
    version = 1 if data[:1] > b"\x7f" else None
    message = _MESSAGES[(data[0] & 0x7F) % len(_MESSAGES)] if data else 0x0200
    frame = Frame(Header(message, PHONE.zfill(12 if version is None else 20), 1, version), data[1:1024])
    raw = write_frame(frame)
    assert parse_frame(raw[1:-1]) == frame
    _codec(raw)
    _talk(data)
    _talk(raw)


def _codec(data: bytes) -> None:
    said = PROTOCOL.decode(data)
    assert said.ok or (said.reason in _CODEC and said.detail), said
    PROTOCOL.masked(data)
    for piece in data.split(b"\x7e"):
        try:
            frame = parse_frame(piece)
            assert write_frame(frame) == b"\x7e" + piece + b"\x7e"
            if not frame.header.split:
                assert write_message(read_message(frame)) == frame
        except ProtocolError as error:
            assert error.reason in _CODEC, error.reason  # noqa: PT017 - any other error is a find, and none is one too


def _talk(data: bytes) -> None:
    session = _TALK.session
    _TALK.now += 10
    middle = len(data) // 2
    actions = [*session.received(data[:middle], _TALK.now), *session.received(data[middle:], _TALK.now)]
    actions += session.tick(_TALK.now)
    for action in actions:
        if isinstance(action, Deliver | Reject):
            session.durable(action.token, _TALK.now)
        if isinstance(action, Reject):
            assert action.reason in _SESSION, action.reason
        elif isinstance(action, Deliver):
            assert all(refused.reason in _SESSION for refused in action.taken.refusals), action.taken.refusals
    assert len(session._framer.pending) <= MOST_FRAME
    assert not session._waiting
    assert not session._flying


if __name__ == "__main__":
    fuzz(take, SEEDS)
