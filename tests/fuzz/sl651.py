"""SL 651 under fire: the frame, the body behind a check that fits, the stream, and a session of a registered station."""

import json
from pathlib import Path
from typing import Final

from tests.fuzz.run import fuzz, instrumented

with instrumented(earnest=__name__ == "__main__"):
    from ingest.codec import REASONS as CODEC_REASONS
    from ingest.field.session import REASONS, Deliver, Line, ProtocolError, Reject
    from ingest.protocols.sl651 import PROTOCOL
    from ingest.protocols.sl651.memory import Memory
    from ingest.protocols.sl651.session import Sl651Session
    from ingest.protocols.sl651.sorting import whole
    from ingest.protocols.sl651.wire import Frame, build, parse

from simulators.field.sl651 import Plan, Rtu
from tests.ingest.rig import NOW
from tests.protocols.sl651.rig import STATION, directory

_VECTORS: Final = Path(__file__).parents[3] / "shared" / "vectors" / "vectors.json"
_CODEC: Final = frozenset(("bad_crc", "bad_length", "bad_format", "bad_value", "incomplete", "unsupported"))
_SESSION: Final = frozenset((*REASONS, *CODEC_REASONS))
_LINE: Final = Line("10.0.0.1", "Asia/Shanghai", directory())
_MEMORY: Final = Memory()


def _seeds() -> tuple[bytes, ...]:
    found: list[bytes] = []
    for ascii_ in (False, True):
        rtu = Rtu(Plan(STATION, ascii=ascii_, mode=1, even_s=60, test=True), NOW)
        found += rtu.connected(NOW)
        for hour in range(3):
            found += rtu.tick(NOW + hour * 3_600_000)
        found.append(b"".join(rtu.wire.frame(0x36, b"picture", packet=(3, number)) for number in (1, 3)))
    if _VECTORS.is_file():
        vectors = json.loads(_VECTORS.read_text(encoding="utf-8"))["vectors"]
        found += [bytes.fromhex(vector["raw"]) for vector in vectors if vector["protocol"] == "SL651"]
    return tuple(found)


SEEDS: Final = _seeds()


def take(data: bytes) -> None:
    """One input: as a frame, as a stream that is cut in the middle, and as a body with a header that fits."""
    _frame(data)
    _talk(data)
    coding = data[:1] == b"\x01"
    function = data[10] if len(data) > 10 else 0x32
    body = data[24:-5] if coding else data[14:-3]
    sealed = build(Frame(1, STATION, "1234", function, up=True, end=3, body=body[:4000], ascii=coding))
    _frame(sealed)
    _talk(sealed)


def _frame(data: bytes) -> None:
    said = PROTOCOL.decode(data)
    assert said.ok or (said.reason in _CODEC and said.detail), said
    assert len(PROTOCOL.masked(data)) == len(data)
    try:
        frame = parse(data)
    except ProtocolError:
        return
    # The case of hexadecimal digits in ASCII coding is the one thing that is not kept.
    assert build(frame) == data or (frame.ascii and parse(build(frame)) == frame)
    try:
        whole(frame)
    except ProtocolError as error:
        if error.reason not in _CODEC:
            raise AssertionError(error.reason) from error


def _talk(data: bytes) -> None:
    session = Sl651Session(_MEMORY, _LINE)
    middle = len(data) // 2
    actions = [*session.received(data[:middle], NOW), *session.received(data[middle:], NOW)]
    for token in [action.token for action in actions if isinstance(action, Deliver | Reject) and action.token]:
        actions += session.durable(token, NOW)
    while (due := session.next_tick()) is not None:
        actions += session.tick(due)
    actions += session.closed(NOW)
    for action in actions:
        if isinstance(action, Reject):
            assert action.reason in _SESSION, action.reason
        elif isinstance(action, Deliver):
            assert all(refused.reason in _SESSION for refused in action.taken.refusals), action.taken.refusals


if __name__ == "__main__":
    fuzz(take, SEEDS)
