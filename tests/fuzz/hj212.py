"""HJ 212 under fire: the frame, a data segment behind a check that fits, the stream, and a session of a registered logger."""

from pathlib import Path
from typing import Final

from tests.fuzz.run import fuzz, instrumented

with instrumented(earnest=__name__ == "__main__"):
    from ingest.codec import REASONS as CODEC_REASONS
    from ingest.field.session import REASONS, Deliver, ProtocolError, Reject
    from ingest.protocols.hj212 import PROTOCOL, Hj212
    from ingest.protocols.hj212.frame import LONGEST, Frame, Framer, encode_frame
    from ingest.protocols.hj212.packet import parse_packet

from tests.protocols.hj212.rig import NOW, Talk, real_time

_CODEC: Final = frozenset(("bad_crc", "bad_length", "bad_format", "bad_value", "incomplete", "unsupported"))
_SESSION: Final = frozenset((*REASONS, *CODEC_REASONS))
_CASES: Final = Path(__file__).parents[1] / "protocols" / "hj212" / "cases"
_TALK: Final = Talk(protocol=Hj212(most_plans=64))
_TALK.upload("2011", real_time(NOW))
_TALK.durable()

SEEDS: Final = tuple(path.read_bytes() for path in sorted(_CASES.glob("*/input")))


def take(data: bytes) -> None:
    """One input: as it is, and its segment in a frame that fits it."""
    _codec(data)
    _talk(data)
    sealed = encode_frame(data.removesuffix(b"\r\n")[6:-4][:LONGEST])
    _codec(sealed)
    _talk(sealed)


def _codec(data: bytes) -> None:
    said = PROTOCOL.decode(data)
    assert said.ok or (said.reason in _CODEC and said.detail), said
    assert len(PROTOCOL.masked(data)) == len(data)
    for frame in Framer().feed(data):
        if isinstance(frame, Frame):
            try:
                assert parse_packet(frame.segment).segment() == frame.segment
            except ProtocolError as error:
                assert error.reason in _CODEC, error.reason  # noqa: PT017 - any other error is a find, and none is one too


def _talk(data: bytes) -> None:
    session = _TALK.session
    _TALK.now += 10
    middle = len(data) // 2
    actions = [*session.received(data[:middle], _TALK.now), *session.received(data[middle:], _TALK.now)]
    actions += session.tick(_TALK.now)
    for action in actions:
        if isinstance(action, Deliver | Reject) and action.token:
            session.durable(action.token, _TALK.now)
        if isinstance(action, Reject):
            assert action.reason in _SESSION, action.reason
        elif isinstance(action, Deliver):
            assert all(refused.reason in _SESSION for refused in action.taken.refusals), action.taken.refusals
    assert len(session._framer.unfinished) <= LONGEST + 12
    assert not session._waiting


if __name__ == "__main__":
    fuzz(take, SEEDS)
