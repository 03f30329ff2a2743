"""What is written is read again, what is read is written again; frames are found however the stream is cut."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.field.session import ProtocolError
from ingest.protocols.jt808.active import Active, Mark, read_active, write_mark
from ingest.protocols.jt808.bcd_time import from_epoch, to_epoch
from ingest.protocols.jt808.frame import MOST_FRAME, Frame, Header, parse_frame, write_frame
from ingest.protocols.jt808.framer import Framer
from ingest.protocols.jt808.layout import (
    Counted,
    CountedHex,
    Hex,
    Number,
    Part,
    Repeated,
    Rest,
    Text,
    When,
    read_body,
    write_body,
)
from ingest.protocols.jt808.location import Location, read_location, write_location
from ingest.protocols.jt808.messages import BODIES
from ingest.protocols.jt808.reports import Batch, Report

WORDS = st.text(st.characters(codec="gbk", exclude_characters="\0"), max_size=2)

headers = st.builds(
    Header,
    id=st.integers(0, 0xFFFF),
    phone=st.text("0123456789", min_size=12, max_size=12),
    serial=st.integers(0, 0xFFFF),
    flags=st.sampled_from([0, 0x400, 0x8000]),
)
new_headers = st.builds(
    Header,
    id=st.integers(0, 0xFFFF),
    phone=st.text("0123456789", min_size=20, max_size=20),
    serial=st.integers(0, 0xFFFF),
    version=st.integers(0, 255),
    total=st.just(9),
    number=st.integers(1, 9),
)
# Bytes that must be escaped are common here, and rare in the field.
bodies = st.lists(st.one_of(st.sampled_from([0x7D, 0x7E, 1, 2]), st.integers(0, 255)), max_size=1023).map(bytes)
frames = st.builds(Frame, header=st.one_of(headers, new_headers), body=bodies)
locations = st.builds(
    Location,
    **{name: st.integers(0, 0xFFFFFFFF) for name in ("alarm", "status", "lat", "lon")},
    **{name: st.integers(0, 0xFFFF) for name in ("altitude", "speed", "heading")},
    time=st.binary(min_size=6, max_size=6),
    items=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=60)), max_size=8).map(tuple),
)


def values_of(parts: tuple[Part, ...], edition: int) -> st.SearchStrategy[dict[str, Any]]:
    """Values that fit a table, whatever the table is."""

    @st.composite
    def draw_all(draw: st.DrawFn) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for part in parts:
            _draw(draw, part, values, edition)
        return values

    return draw_all()


def _draw(draw: st.DrawFn, part: Part, values: dict[str, Any], edition: int) -> None:
    match part:
        case Number(name, size):
            values[name] = draw(st.integers(0, 256**size - 1))
        case Text(name, _) | Counted(name, _) | Rest(name):
            values[name] = draw(WORDS)
        case Hex(name, size):
            length = st.binary(max_size=20) if size is None else st.binary(min_size=size, max_size=size)
            values[name] = draw(length).hex()
        case CountedHex(name):
            values[name] = draw(st.binary(max_size=255)).hex()
        case Repeated(name, _, parts):
            values[name] = draw(st.lists(values_of(parts, edition), max_size=3))
        case When(holds, parts) if holds(values, edition):
            for inner in parts:
                _draw(draw, inner, values, edition)
        case Report(name):
            values[name] = draw(locations)
        case Batch():
            values["locations"] = draw(st.lists(locations, max_size=3))
            values |= {"count": len(values["locations"]), "kind": draw(st.integers(0, 1))}


@given(frames)
def test_a_frame_is_read_as_it_was_written(frame: Frame) -> None:
    raw = write_frame(frame)
    assert raw[0] == raw[-1] == 0x7E
    assert 0x7E not in raw[1:-1]
    assert len(raw) - 2 <= MOST_FRAME
    assert parse_frame(raw[1:-1]) == frame


@given(st.binary(max_size=80))
def test_a_valid_frame_is_written_as_it_was_read(between: bytes) -> None:
    try:
        frame = parse_frame(between)
    except ProtocolError:
        return
    assert write_frame(frame) == b"\x7e" + between + b"\x7e"


@given(locations)
def test_a_report_is_read_as_it_was_written(location: Location) -> None:
    assert read_location(write_location(location)) == location


@given(st.binary(min_size=28, max_size=120))
def test_any_report_is_written_as_it_was_read(body: bytes) -> None:
    assert write_location(read_location(body)) == body


@pytest.mark.parametrize("message", sorted(BODIES), ids=hex)
@settings(max_examples=10)
@given(data=st.data(), edition=st.sampled_from([2011, 2013, 2019]))
def test_every_body_is_read_as_it_was_written(message: int, data: st.DataObject, edition: int) -> None:
    values = data.draw(values_of(BODIES[message], edition))
    body = write_body(BODIES[message], values, edition)
    assert read_body(BODIES[message], body, edition) == values


@pytest.mark.parametrize("message", sorted(BODIES), ids=hex)
@settings(max_examples=12)
@given(body=st.binary(max_size=90), edition=st.sampled_from([2011, 2013, 2019]))
def test_every_body_that_can_be_read_is_written_as_it_was(message: int, body: bytes, edition: int) -> None:
    try:
        values = read_body(BODIES[message], body, edition)
    except ProtocolError:
        return
    assert write_body(BODIES[message], values, edition) == body


@given(st.integers(946_656_000, 4_102_415_999))
def test_a_time_is_read_as_it_was_written(second: int) -> None:
    raw = from_epoch(second * 1000)
    assert raw == bytes(6) or to_epoch(raw) == second * 1000


def test_the_registers_zone_is_the_terminals() -> None:
    raw = bytes.fromhex("260716104120")
    assert to_epoch(raw) == to_epoch(raw, "Asia/Shanghai") == 1_784_169_680_000
    assert to_epoch(raw, "UTC") == 1_784_169_680_000 + 8 * 3_600_000
    assert to_epoch(raw, "Europe/Paris") == 1_784_169_680_000 + 6 * 3_600_000


@given(st.lists(st.tuples(frames, st.booleans()), max_size=4), st.data())
def test_frames_are_found_however_the_stream_is_cut(wanted: list[tuple[Frame, bool]], data: st.DataObject) -> None:
    stream = b""
    for frame, shares_flag in wanted:
        raw = write_frame(frame)
        stream += raw[1:] if shares_flag and stream else raw
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    framer, found = Framer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        pieces, noise = framer.feed(stream[start:end])
        assert not noise
        found += pieces
    assert [parse_frame(piece) for piece in found] == [frame for frame, _ in wanted]
    assert not framer.pending


def test_one_byte_at_a_time() -> None:
    raw = write_frame(Frame(Header(0x0002, "013800000001", 1), b"")) * 2
    framer = Framer()
    assert sum(len(framer.feed(raw[place : place + 1])[0]) for place in range(len(raw))) == 2


@given(st.lists(st.binary(max_size=3000), max_size=12))
def test_what_is_held_never_grows_beyond_a_frame(chunks: list[bytes]) -> None:
    framer = Framer()
    for chunk in chunks:
        framer.feed(chunk)
        assert len(framer.pending) <= MOST_FRAME


def test_the_frame_after_noise_and_after_an_endless_one_is_found() -> None:
    raw = write_frame(Frame(Header(0x0002, "013800000001", 1), b""))
    framer = Framer()
    assert framer.feed(b"GET / HTTP/1.1\r\n") == ([], b"GET / HTTP/1.1\r\n")
    assert framer.feed(raw) == ([raw[1:-1]], b"")
    endless = b"\x7e" + b"\0" * (MOST_FRAME + 1)
    assert framer.feed(endless)[0] == []
    assert framer.feed(b"\0\0" + raw)[0] == [raw[1:-1]]


def test_an_alarms_mark_comes_back_as_it_went() -> None:
    mark = bytes.fromhex("53494d30303031261123104120030200")
    active = read_active(0x65, bytes(12) + bytes(19) + mark)
    assert isinstance(active, Active)
    assert active.mark == Mark("SIM0001", bytes.fromhex("261123104120"), 3, 2)
    assert write_mark(active.mark) == mark


@pytest.mark.parametrize("item", [0x64, 0x65, 0x66, 0x67])
@given(value=st.binary(max_size=80))
def test_an_item_is_an_alarm_only_where_its_length_fits(item: int, value: bytes) -> None:
    active = read_active(item, value)
    if item in (0x64, 0x65):
        assert (active is not None) == (len(value) == 47)
    elif item == 0x67:
        assert (active is not None) == (len(value) == 41)
    elif active is not None:
        assert len(value) == 41 + 9 * len(active.tyres)
