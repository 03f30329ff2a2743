"""Bytes to messages and back: what is encoded comes back, what is valid is written again byte for byte, whatever the cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.field.session import ProtocolError
from ingest.protocols.sl651.body import REPORTS, decode_body, encode_body
from ingest.protocols.sl651.framer import Framer, Piece
from ingest.protocols.sl651.message import (
    Asked,
    Element,
    Item,
    Manual,
    Message,
    Observed,
    Photo,
    Series,
    Site,
    Span,
    Tail,
    Word,
    WordSeries,
)
from ingest.protocols.sl651.moment import from_epoch, to_epoch
from ingest.protocols.sl651.parameters import write_number
from ingest.protocols.sl651.text import decode_text, encode_text
from ingest.protocols.sl651.values import bcd
from ingest.protocols.sl651.wire import ENDS, STX, SYN, Frame, build, parse
from simulators.field.sl651_wire import Wire
from tests.ingest.rig import NOW
from tests.protocols.sl651.rig import STATION

# --- frames


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Any frame that can be sent, in either coding and direction, whole or a packet of many."""
    total = draw(st.integers(0, 4095))
    body = draw(st.binary(max_size=300))
    digits = draw(st.binary(min_size=7, max_size=7)).hex()
    return Frame(
        draw(st.integers(0, 255)),
        digits[:10],
        digits[10:],
        draw(st.integers(0, 255)),
        draw(st.booleans()),
        draw(st.sampled_from(sorted(ENDS))),
        body,
        SYN if total else STX,
        total,
        draw(st.integers(1, total)) if total else 0,
        draw(st.booleans()),
    )


@given(frames())
def test_a_frame_comes_back_as_it_was(frame: Frame) -> None:
    raw = build(frame)
    assert parse(raw) == frame
    assert build(parse(raw)) == raw


def test_a_long_packet_going_up_comes_back_too() -> None:
    frame = Frame(1, STATION, "1234", 0x36, True, 3, bytes(20_000), SYN, 2, 1)
    assert parse(build(frame)) == frame
    for direction, body in ((False, 5000), (True, 40_000)):
        with pytest.raises(ProtocolError):
            build(Frame(1, STATION, "1234", 0x36, direction, 3, bytes(body), SYN, 2, 1))


@given(frames(), st.integers(0, 1 << 30), st.integers(1, 255))
def test_one_changed_byte_is_never_taken_for_the_same_frame(frame: Frame, place: int, change: int) -> None:
    raw = bytearray(build(frame))
    raw[place % len(raw)] ^= change
    other = parsed(bytes(raw))
    # Only the case of hexadecimal digits in ASCII coding may differ.
    assert other in ("bad_crc", "bad_format", "bad_length", "incomplete") or (frame.ascii and other == frame)


def parsed(raw: bytes) -> Frame | str:
    """The frame, or why it is none."""
    try:
        return parse(raw)
    except ProtocolError as error:
        return error.reason


# --- bodies

CODES = st.one_of(
    st.integers(1, 0xEF).filter(lambda code: code != 0x04).map(lambda code: f"{code:02X}"),
    st.integers(0, 0xFF).map(lambda code: f"FF{code:02X}"),
)
TIMES = st.integers(946_684_800_000, 4_000_000_000_000).map(from_epoch)
SITES = st.builds(Site, st.binary(min_size=5, max_size=5).map(bytes.hex), st.sampled_from("PHKZDTMGQIO"))
OBSERVED = TIMES.map(lambda time: Observed(time[:10]))


@st.composite
def elements(draw: st.DrawFn) -> Element:
    """Any element with the definition that its data need."""
    data = draw(st.binary(max_size=31))
    return Element(draw(CODES), len(data) << 3 | draw(st.integers(0, 7)), data)


@st.composite
def series(draw: st.DrawFn) -> list[Item]:
    """A step and values at it."""
    size = draw(st.integers(1, 31))
    data = draw(st.integers(1, 8).flatmap(lambda count: st.binary(min_size=size * count, max_size=size * count)))
    return [Element("04", 0x18, b"\x00\x00\x05"), Series(draw(CODES), size << 3 | draw(st.integers(0, 7)), data)]


@st.composite
def reports(draw: st.DrawFn) -> tuple[int, Message]:
    """A function and a body that goes with it."""
    function = draw(st.sampled_from(sorted(REPORTS)))
    items: list[Item] = [draw(SITES), draw(OBSERVED)]
    items += draw(st.lists(st.one_of(elements(), OBSERVED, SITES), max_size=8))
    if function in (0x31, 0x38):
        items += draw(series())
    elif draw(st.booleans()):
        items.append(draw(st.one_of(st.builds(Manual, st.binary()), st.builds(Photo, st.binary()))))
    return function, Message(draw(st.integers(0, 65535)), draw(TIMES), tuple(items))


def _parted(items: tuple[Item, ...]) -> bool:
    """Whether no station's letter and the mark after it can be taken for each other."""
    return all(not isinstance(one, Site) or one.kind for one, _ in pairwise((*items, None)) if one is not None)


@given(reports())
def test_a_body_comes_back_as_it_was(report: tuple[int, Message]) -> None:
    function, message = report
    assert _parted(message.items)
    assert decode_body(encode_body(message), function) == message


@pytest.mark.parametrize(
    ("function", "items"),
    [
        (0x38, (Span("26010100", "26010106"), Element("04", 0x18, b"\x00\x01\x00"), Asked("39", 0x23))),
        (0x3A, (Asked("39", 0x23), Asked("FF07", 0x12))),
        (0x47, (Asked("97", 0),)),
        (0x49, (Element("03", 0x10, b"\x12\x34"), Element("03", 0x10, b"\xbe\xef"))),
        (0x40, (Element("0E", 70, bytes(70)),)),
        (0x4C, (Tail(b"\x01\x05"),)),
        (0x37, ()),
    ],
)
def test_what_goes_down_comes_back_as_it_was(function: int, items: tuple[Item, ...]) -> None:
    message = Message(0, "260101080000", items)
    assert decode_body(encode_body(message), function, up=False) == message


WORDS = st.builds(Word, st.sampled_from(["Z", "PJ", "VT", "XYZ", "pH"]), st.sampled_from(["1.5", "-0.25", "M", "0"]))


@given(
    st.lists(st.one_of(WORDS, OBSERVED, SITES), max_size=8),
    st.lists(st.tuples(st.sampled_from(["1.5", "M"]), st.just("2")), max_size=4),
)
def test_a_body_in_ascii_coding_comes_back_as_it_was(items: list[Item], rows: list[tuple[str, str]]) -> None:
    plain = Message(9, "260101080000", tuple(items))
    assert decode_text(encode_text(plain), 0x32) == plain
    even = Message(
        9,
        "260101080000",
        (*items, Word("DRN05", ""), WordSeries(("Z", "PJ"), tuple(word for row in rows for word in row))),
    )
    assert decode_text(encode_text(even), 0x31) == even


# --- numbers and times


@given(st.integers(-(10**9) + 1, 10**9 - 1), st.integers(0, 3))
def test_a_number_comes_back_as_it_was(scaled: int, decimals: int) -> None:
    definition, data = write_number(scaled / 10**decimals, 9, decimals)
    assert (definition >> 3, definition & 7) == (len(data), decimals)
    assert bcd(data, decimals) == pytest.approx(scaled / 10**decimals, abs=10**-decimals / 2)


@given(st.integers(946_684_800, 4_000_000_000).map(lambda second: second * 1000))
def test_a_time_comes_back_as_it_was(moment: int) -> None:
    assert to_epoch(from_epoch(moment)) == moment


@pytest.mark.parametrize("digits", ["2602300800", "2601012400", "2601010860", "0000000000"])
def test_a_time_that_cannot_be_is_refused(digits: str) -> None:
    with pytest.raises(ProtocolError, match="no such date"):
        to_epoch(digits)


def test_the_register_may_give_another_zone() -> None:
    assert to_epoch("2601010800") == NOW
    assert to_epoch("2601010000", "UTC") == NOW
    with pytest.raises(ProtocolError, match="zone"):
        to_epoch("2601010000", "Sea/Nowhere")
    assert from_epoch(NOW, "Sea/Nowhere") == from_epoch(NOW)


# --- the stream

HEX, ASCII = Wire(STATION, "1234"), Wire(STATION, "1234", ascii_=True)
WHOLE = [
    wire.frame(0x32, wire.head(serial, NOW) + wire.site("H", NOW) + wire.element("39", 3.5))
    for serial, wire in enumerate((HEX, ASCII, HEX), start=1)
]


def pieces_of(data: bytes, cuts: list[int]) -> list[Piece]:
    """What a framer makes of data that comes in parts."""
    framer = Framer()
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    found = [piece for start, stop in pairwise(places) for piece in framer.feed(data[start:stop])]
    last = framer.drop()
    return found if last is None else [*found, last]


@given(st.lists(st.integers(0, 10_000), max_size=30))
def test_frames_come_out_whatever_the_cuts(cuts: list[int]) -> None:
    assert [piece.raw for piece in pieces_of(b"".join(WHOLE), cuts)] == WHOLE


def test_frames_come_out_byte_by_byte() -> None:
    data = b"".join(WHOLE)
    assert [piece.raw for piece in pieces_of(data, list(range(len(data))))] == WHOLE


@given(
    st.lists(st.one_of(st.sampled_from(WHOLE), st.binary(max_size=40)), max_size=6), st.lists(st.integers(0, 10_000))
)
def test_no_byte_is_lost_whatever_comes(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    found = pieces_of(data, cuts)
    assert b"".join(piece.raw for piece in found) == data
    assert all((piece.frame is None) != (piece.error is None) for piece in found)


@pytest.mark.parametrize("rubbish", [b"\x00", b"\x7e", b"IMEI 8612", b"\x01zz", b"\xff" * 3000])
def test_rubbish_costs_no_frame(rubbish: bytes) -> None:
    found = pieces_of(rubbish.join([b"", *WHOLE, b""]), [])
    assert [piece.raw for piece in found if piece.frame] == WHOLE


def test_a_frame_whose_length_grew_on_the_way_costs_only_itself() -> None:
    longer = bytearray(WHOLE[0])
    longer[12] += 40
    found = pieces_of(bytes(longer) + WHOLE[2], [])
    assert [piece.raw for piece in found if piece.frame] == [WHOLE[2]]
