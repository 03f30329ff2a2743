"""Frames and packets: whatever the network cuts, the same frames come out; what is written is read again, and the other way round."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.field.session import ProtocolError
from ingest.protocols.hj212.checksum import checksum, modbus
from ingest.protocols.hj212.cipher import is_sealed, seal, unseal
from ingest.protocols.hj212.content import join_parts, read_items, records, write_items
from ingest.protocols.hj212.frame import LONGEST, Broken, Frame, Framer, encode_frame
from ingest.protocols.hj212.packet import Packet, parse_packet
from ingest.protocols.hj212.times import read_time, write_qn, write_time
from simulators.field.hj212_wire import check_of, frame_of

ANNEX_A = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n"
KEY = "0123456789abcdeffedcba9876543210"

digits = st.text("0123456789", min_size=1, max_size=6)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,6}(-[A-Z][a-z]{1,9})?", fullmatch=True)
values = st.text(st.characters(codec="utf-8", exclude_characters=";,&=\r\n/", exclude_categories=["Cs"]), max_size=20)
items = st.lists(st.tuples(names, values), max_size=12)
packets = st.builds(
    Packet,
    st.from_regex(r"[0-9A-Z]{2}", fullmatch=True),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z]{1,24}", fullmatch=True),
    st.one_of(st.just(""), st.from_regex(r"[0-9]{17}", fullmatch=True)),
    st.one_of(st.none(), st.from_regex(r"[0-9A-Za-z]{0,6}", fullmatch=True)),
    st.one_of(st.none(), st.integers(0, 255)),
    cp=items.map(write_items),
)


# --- the check


@given(st.binary(max_size=1100))
def test_the_check_is_annex_a_whatever_the_length(segment: bytes) -> None:
    assert checksum(segment) == check_of(segment)
    assert modbus(segment) == check_of(segment, modbus=True)


def test_the_standard_s_own_example_has_the_check_printed_beside_it() -> None:
    segment = ANNEX_A[6:-6]
    assert checksum(segment) == 0x1C80
    assert modbus(segment) == 0x0759
    assert encode_frame(segment) == ANNEX_A


# --- frames


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({place % (len(stream) + 1) for place in places} | {0, len(stream)})
    return [stream[begin:end] for begin, end in pairwise(edges)]


@given(st.lists(packets, min_size=1, max_size=5), st.lists(st.integers(0, 10_000), max_size=20), st.binary(max_size=20))
@settings(max_examples=50)
def test_any_cut_of_a_stream_gives_its_frames(sent: list[Packet], places: list[int], noise: bytes) -> None:
    noise = noise.replace(b"#", b"")
    frames = [encode_frame(packet.segment()) for packet in sent]
    stream = noise.join([b"", *frames])
    framer = Framer()
    found = [one for piece in cut(stream, places) for one in framer.feed(piece)]
    assert [frame.raw.rstrip(b"\r\n") for frame in found] == [frame.rstrip(b"\r\n") for frame in frames]
    assert [parse_packet(frame.segment) for frame in found if isinstance(frame, Frame)] == sent
    assert framer.unfinished == b""


def test_one_byte_at_a_time_is_the_same_stream() -> None:
    framer = Framer()
    stream = b"noise####" + ANNEX_A + ANNEX_A
    found = [one for byte in stream for one in framer.feed(bytes([byte]))]
    assert [frame.raw.rstrip() for frame in found] == [ANNEX_A.rstrip()] * 2


@given(st.binary(max_size=3000), st.lists(st.integers(0, 10_000), max_size=10))
def test_no_bytes_stop_the_framer_or_make_it_grow(stream: bytes, places: list[int]) -> None:
    framer = Framer()
    for piece in cut(stream, places):
        framer.feed(piece)
        assert len(framer.unfinished) <= LONGEST + 12
    framer.drop()
    assert [one.raw for one in framer.feed(ANNEX_A)] == [ANNEX_A]


@given(st.integers(0, len(ANNEX_A) - 3), st.integers(1, 255))
def test_a_changed_byte_costs_one_frame_and_not_the_next(place: int, change: int) -> None:
    broken = bytearray(ANNEX_A)
    broken[place] ^= change
    framer = Framer()
    found = framer.feed(bytes(broken) + ANNEX_A + ANNEX_A)
    assert [one.raw for one in found if isinstance(one, Frame)][-1:] == [ANNEX_A]
    assert sum(isinstance(one, Frame) and one.raw == ANNEX_A for one in found) >= 1


def test_a_claim_of_more_than_the_standard_allows_is_refused_at_once() -> None:
    [broken] = Framer().feed(b"##9999" + b"A" * 300)
    assert isinstance(broken, Broken)
    assert broken.reason == "bad_length"


def test_the_other_check_is_told_and_not_accepted_silently() -> None:
    [frame] = Framer().feed(frame_of(ANNEX_A[6:-6].decode(), "modbus"))
    assert isinstance(frame, Frame)
    assert frame.check == "modbus"


def test_a_frame_cut_off_by_the_next_one_is_given_up_at_once() -> None:
    framer = Framer()
    found = framer.feed(b"##0500QN=20160801085857223;ST=32\r\n" + ANNEX_A)
    assert [type(one) for one in found] == [Broken, Frame]


# --- packets


@given(packets)
@settings(max_examples=50)
def test_what_is_written_is_read(packet: Packet) -> None:
    assert parse_packet(packet.segment()) == packet


@pytest.mark.parametrize(
    "segment",
    [
        "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=20160801085857&&",
        "ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817000;B01-Rtd=36.91&&",
        "QN=20160801085857223;ST=31;CN=2051;PW=123456;MN=14513567846884;PNO=0002;PNUM=0002;CP=&&&&",
        "QN=20160801085857223,ST=32;CN=3020;PW=123456;MN=A1;Flag=5;CP=&&PolId=w01018&&",
        "QN=20160801085857223; ST=32; CN=2011;MN=A1;Flag=05;CP=&&DataTime=20160801085857;&&",
    ],
)
def test_a_dialect_s_bytes_are_written_again_as_they_were(segment: str) -> None:
    packet = parse_packet(segment.encode())
    assert packet.segment() == segment.encode()
    assert packet.cn in segment


def test_old_firmware_s_gbk_text_is_read_and_written_again() -> None:
    segment = "ST=32;CN=3020;MN=A1;CP=&&i11001-Info=//清洗管路//&&".encode("gb18030")
    packet = parse_packet(segment)
    assert dict(read_items(packet.cp)) == {"i11001-Info": "//清洗管路//"}
    assert packet.segment() == segment


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;Flag=5;", "bad_format"),
        (b"ST=32;CN=2011;MN=A1;CP=&&DataTime=1", "bad_format"),
        (b"ST=32;CN=2011;MN=A1;CP=&&", "bad_format"),
        (b"ST=32;CN=2011;CP=&&&&", "bad_format"),
        (b"ST=32;ST=32;CN=2011;MN=A1;CP=&&&&", "bad_format"),
        (b"ST=32;CN=2011;MN=A1;nothing;CP=&&&&", "bad_format"),
        (b"ST=32;CN=20111;MN=A1;CP=&&&&", "bad_value"),
        (b"ST=32;CN=2011;MN=A-1;CP=&&&&", "bad_value"),
        (b"ST=32;CN=2011;MN=A1;Flag=256;CP=&&&&", "bad_value"),
        (b"QN=2016;ST=32;CN=2011;MN=A1;CP=&&&&", "bad_value"),
        (b"ST=32;CN=2011;MN=A1;PNUM=2;PNO=3;CP=&&&&", "bad_value"),
        (b"\xff\xfeST=32;CN=2011;MN=A1;CP=&&&&", "bad_format"),
        (b"ST=32;CN=2011;MN=A1;CP=&&\xff\xff\xff&&", "bad_format"),
    ],
)
def test_what_is_no_packet_is_refused_with_its_reason(segment: bytes, reason: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_packet(segment)
    assert caught.value.reason == reason


# --- contents


@given(items)
def test_items_are_read_as_they_were_written(sent: list[tuple[str, str]]) -> None:
    assert read_items(write_items(sent)) == sent


@given(st.lists(st.tuples(names, digits), min_size=1, max_size=12), st.lists(st.integers(0, 400), max_size=4))
@settings(max_examples=50)
def test_a_content_cut_anywhere_is_put_together_again(sent: list[tuple[str, str]], places: list[int]) -> None:
    content = write_items(sent)
    inside = [place for place in places if content[place % len(content)] not in ";,"]
    assert read_items(join_parts(piece.decode() for piece in cut(content.encode(), inside))) == sent


def test_a_second_data_time_begins_a_second_record() -> None:
    found = records(read_items("DataTime=20160801080000;w01001-Avg=7;DataTime=20160801090000;w01001-Avg=8"))
    assert [dict(record)["w01001-Avg"] for record in found] == ["7", "8"]


@pytest.mark.parametrize("content", ["abc", "a=1;b", "=5", "a=1,,;=;b=2"])
def test_an_item_that_is_none_is_refused(content: str) -> None:
    with pytest.raises(ProtocolError):
        read_items(content)


@pytest.mark.parametrize("item", [("a;b", "1"), ("a", "1;2"), ("a", "1&2"), ("a", "1\r\n")])
def test_nothing_is_written_that_would_be_read_as_something_else(item: tuple[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        write_items([item])


# --- times and cipher


@given(st.integers(0, 253_402_214_400_000))
def test_times_are_written_and_read_in_gmt_8(time: int) -> None:
    assert read_time(write_time(time)) == time // 1000 * 1000
    assert read_time(write_qn(time)) == time


@pytest.mark.parametrize(
    "text", ["", "2016", "20161301000000", "20160801240000", "2016080108585x", "２０１６0801085857"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="DataTime"):
        read_time(text)


def test_sm4_gives_the_standard_s_own_cipher() -> None:
    # GB/T 32907-2016, annex A.1: the key encrypts itself.
    packet = Packet("31", "2011", "A1", flag=9, cipher=bytes.fromhex("681edf34d206965e86b3e94f536e4246"))
    with pytest.raises(ProtocolError, match="no text"):
        unseal(packet, KEY)


@given(items.filter(bool).map(write_items).filter(lambda content: content == content.strip("\x00 \r\n")))
@settings(max_examples=30)
def test_a_sealed_content_opens_with_its_key_and_no_other(content: str) -> None:
    packet = Packet("31", "2011", "A1", flag=9, cp=content)
    sealed = parse_packet(seal(packet, KEY).segment())
    assert is_sealed(sealed)
    assert unseal(sealed, KEY) == packet
    with pytest.raises(ProtocolError) as caught:
        unseal(sealed, "")
    assert caught.value.reason == "unsupported"
    with pytest.raises(ProtocolError):
        unseal(sealed, "00" * 16)
