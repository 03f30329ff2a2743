"""What a connection may upload, and how that is answered."""

import pytest

from hub.catalogue import Device
from hub.link import FieldLink
from ingest.field.session import Close, Deliver, Reject, Seen, Send
from ingest.protocols.hj212.cipher import seal
from ingest.protocols.hj212.packet import parse_packet
from ingest.protocols.hj212.parts import PATIENCE_MS
from ingest.protocols.hj212.session import UNFINISHED_MS
from ingest.protocols.hj212.times import HOUR, write_time
from simulators.field.hj212_wire import frame_of
from tests.protocols.hj212.rig import MN, NOW, STATION, Talk, counts, device, identities, real_time, reasons, sent


def test_a_record_is_stored_and_answered_only_once_it_is_durable() -> None:
    talk = Talk()
    actions = talk.upload("2011", real_time(NOW), QN="20161123103000123")
    assert [(one.station, one.identity, one.version) for one in identities(actions)] == [(STATION, MN, "2017")]
    assert sent(actions) == []
    assert [(one.time, one.names, one.values) for one in talk.readings] == [(NOW, ("ph",), (7.1,))]
    assert sent(talk.durable()) == [
        {"QN": "20161123103000123", "ST": "91", "CN": "9014", "PW": "123456", "MN": MN, "Flag": "4", "CP": ""}
    ]


def test_no_answer_is_sent_where_none_is_wanted() -> None:
    talk = Talk()
    talk.upload("2011", real_time(NOW), Flag=4)
    assert talk.durable() == []
    talk.upload("2011", real_time(NOW), QN=None, Flag=None)  # 2005
    assert talk.durable() == []
    assert len(talk.readings) == 2


def test_the_password_in_an_answer_is_not_shown() -> None:
    talk = Talk()
    talk.upload("2011", real_time(NOW))
    [answer] = [one for one in talk.durable() if isinstance(one, Send)]
    assert b"PW=123456" in answer.data
    assert answer.shown is not None
    assert b"123456" not in answer.shown
    assert len(answer.shown) == len(answer.data)


def test_a_wrong_check_is_never_answered_and_never_stored() -> None:
    talk = Talk()
    for crc in ("wrong", "modbus"):
        actions = talk.upload("2011", real_time(NOW), crc)
        assert reasons(actions) == ["bad_crc"]
    assert "crc_modbus" in counts(talk.actions)
    assert not sent(talk.actions)
    assert not talk.readings
    assert not [one for one in talk.actions if isinstance(one, Reject) and one.token]


def test_a_device_known_to_compute_modbus_is_taken_counted_and_answered_in_kind() -> None:
    talk = Talk(device(crc="modbus"))
    actions = talk.upload("2011", real_time(NOW), "modbus")
    assert counts(actions) == ["crc_modbus"]
    [answer] = [one for one in talk.durable() if isinstance(one, Send)]
    assert answer.data == frame_of(answer.data[6:-6].decode(), "modbus")
    refused = talk.upload("2011", real_time(NOW))
    assert reasons(refused) == ["bad_crc"]


def test_a_duplicate_is_stored_once_and_answered_each_time() -> None:
    talk = Talk()
    frame = frame_of(talk.segment("2011", real_time(NOW)))
    talk.say(frame)
    assert counts(talk.say(frame)) == ["duplicate"]
    assert [one["CN"] for one in sent(talk.durable())] == ["9014", "9014"]
    again = talk.say(frame)
    assert [one["CN"] for one in sent(again)] == ["9014"]
    assert len(talk.readings) == 1


def test_a_duplicate_on_the_next_connection_is_known_too() -> None:
    first = Talk()
    frame = frame_of(first.segment("2011", real_time(NOW)))
    first.say(frame)
    first.durable()
    second = Talk(protocol=first.protocol)
    assert [one["CN"] for one in sent(second.say(frame))] == ["9014"]
    assert not second.readings


def test_what_was_not_durable_when_the_line_broke_is_taken_again() -> None:
    first = Talk()
    frame = frame_of(first.segment("2011", real_time(NOW)))
    first.say(frame)
    first.session.closed(NOW)
    second = Talk(protocol=first.protocol)
    second.say(frame)
    assert len(second.readings) == 1
    assert [one["CN"] for one in sent(second.durable())] == ["9014"]


def test_firmware_whose_qn_stands_still_loses_nothing() -> None:
    talk = Talk()
    for number in range(3):
        talk.upload("2011", real_time(NOW + number * 1000), QN="20161123103000123")
    assert len(talk.readings) == 3


@pytest.mark.parametrize("password", ["654321", "", None])
def test_a_wrong_password_is_refused_and_its_repetition_ends_the_connection(password: str | None) -> None:
    talk = Talk()
    for _ in range(5):
        assert reasons(talk.upload("2011", real_time(NOW), PW=password)) == ["bad_password"]
    assert isinstance(talk.actions[-1], Close)
    assert not talk.readings
    assert not sent(talk.actions)
    assert not any("654321" in one.detail for one in talk.actions if isinstance(one, Reject))


def test_an_unknown_mn_and_a_foreign_address_are_refused() -> None:
    assert reasons(Talk().upload("2011", real_time(NOW), MN="FFFF")) == ["unknown_device"]
    talk = Talk(device(sources=("10.1.0.0/24",)))
    actions = talk.upload("2011", real_time(NOW))
    assert reasons(actions) == ["not_allowed"]
    assert isinstance(actions[-1], Close)
    inside = Talk(device(sources=("10.1.0.0/24",)), peer="::ffff:10.1.0.7")
    assert reasons(inside.upload("2011", real_time(NOW))) == []


def test_a_retry_of_what_was_let_in_once_asks_for_neither_address_nor_password() -> None:
    talk = Talk(device(sources=("10.1.0.0/24",)), peer="", trusted=True)
    talk.upload("2011", real_time(NOW), PW="other1")
    talk.upload("2011", real_time(NOW), PW="other1")
    assert len(talk.readings) == 2


def test_the_register_is_followed_while_the_device_stays_connected() -> None:
    talk = Talk()
    talk.upload("2011", f"DataTime={write_time(NOW)};ele01-Rtd=7")
    assert not talk.readings
    talk.directory.put(device(factors={"ele01": "ph"}))
    talk.upload("2011", f"DataTime={write_time(NOW)};ele01-Rtd=7")
    assert [one.names for one in talk.readings] == [("ph",)]


def test_a_relay_may_bring_several_loggers_over_one_connection() -> None:
    other = Device("eco/source/outlet-2", link=FieldLink("hj212", "B2"))
    talk = Talk(device(), other)
    talk.upload("2011", real_time(NOW))
    actions = talk.upload("2011", real_time(NOW), MN="B2", PW="whatever")
    assert not identities(actions)
    assert [one.station for one in talk.actions if isinstance(one, Deliver)] == [STATION, "eco/source/outlet-2"]
    assert sent(talk.durable())[0]["MN"] == "B2"


def test_a_content_that_cannot_be_read_is_answered_once_its_dead_letter_is_durable() -> None:
    talk = Talk()
    assert reasons(talk.upload("2011", "DataTime=20161123103000;nonsense")) == ["bad_format"]
    assert [one["CN"] for one in sent(talk.durable())] == ["9014"]


def test_what_is_refused_in_a_message_names_the_factor_and_the_rest_is_stored() -> None:
    talk = Talk()
    talk.upload("2011", f"DataTime={write_time(NOW)};w99999-Rtd=1;w01001-Rtd=7.1")
    [delivered] = [one for one in talk.actions if isinstance(one, Deliver)]
    assert delivered.taken.explain()[0] == "unknown_property"
    assert "w99999" in delivered.taken.explain()[1]
    assert len(talk.readings) == 1


# --- split messages


def part(talk: Talk, number: int, cp: str, of: int = 3) -> bytes:
    return frame_of(talk.segment("2051", cp, QN="20161123103000001", Flag=7, PNUM=of, PNO=number))


def test_parts_in_any_order_become_one_record_and_each_is_answered() -> None:
    talk = Talk()
    parts = [part(talk, 1, "DataTime=20161123102000;w010"), part(talk, 2, "01-Avg=7.1"), part(talk, 3, "w01018-Avg=40")]
    for one in (parts[2], parts[0], parts[2], parts[1]):
        talk.say(one)
    [reading] = talk.readings
    assert dict(zip(reading.names, reading.values, strict=True)) == {"ph_minute": 7.1, "cod_minute": 40.0}
    assert [one["CN"] for one in sent(talk.durable())] == ["9014"] * 4
    delivered = [one for one in talk.actions if isinstance(one, Deliver)]
    assert delivered[0].raw == b"".join(parts)


def test_a_part_that_comes_again_is_answered_and_begins_nothing_new() -> None:
    talk = Talk()
    parts = [part(talk, 1, "DataTime=20161123102000;w01001-Avg=7.1", of=2), part(talk, 2, "w01018-Avg=40", of=2)]
    for one in (*parts, parts[1]):
        talk.say(one)
    assert len(sent(talk.durable())) == 3
    assert len(sent(talk.say(parts[0]))) == 1
    assert not talk.later(2 * PATIENCE_MS)
    assert len(talk.readings) == 1


def test_parts_that_never_come_are_given_up_after_a_while() -> None:
    talk = Talk()
    talk.say(part(talk, 1, "DataTime=20161123102000;w01001-Avg=7.1"))
    assert reasons(talk.later(PATIENCE_MS - 1)) == []
    actions = talk.later(1)
    assert reasons(actions) == ["incomplete"]
    assert not talk.readings
    assert not sent(talk.actions)


def test_no_number_of_unfinished_messages_fills_the_memory() -> None:
    talk = Talk()
    for number in range(50):
        talk.say(frame_of(talk.segment("2051", "a=1", QN=f"201611231030{number:05d}", Flag=7, PNUM=9999, PNO=1)))
    assert reasons(talk.actions).count("incomplete") == 46
    assert reasons(talk.session.closed(NOW)) == ["incomplete"] * 4


# --- the line


def test_half_a_frame_is_dropped_after_a_while_and_the_next_one_is_taken() -> None:
    talk = Talk()
    frame = frame_of(talk.segment("2011", real_time(NOW)))
    talk.say(frame[:60])
    assert reasons(talk.later(UNFINISHED_MS)) == ["incomplete"]
    talk.say(frame)
    assert len(talk.readings) == 1


def test_a_stream_that_is_always_cut_inside_a_frame_loses_none() -> None:
    talk = Talk()
    rest = b""
    for _ in range(30):
        frame = frame_of(talk.segment("2011", real_time(talk.now)))
        talk.say(rest + frame[:50])
        rest = frame[50:]
        talk.later(10_000)
    assert reasons(talk.actions) == []
    assert len(talk.readings) == 29


def test_bytes_one_at_a_time_and_noise_between_frames_do_no_harm() -> None:
    talk = Talk()
    for byte in b"\x00\xffgarbage##" + frame_of(talk.segment("2011", real_time(NOW))):
        talk.say(bytes([byte]))
    assert len(talk.readings) == 1
    assert "noise_bytes" in counts(talk.actions)


def test_a_heartbeat_is_a_sign_of_life() -> None:
    talk = Talk()
    actions = talk.upload("9015", "", Flag=9, ST="91")
    assert [one["CN"] for one in sent(actions)] == ["9013"]
    assert any(isinstance(one, Seen) for one in actions)
    assert identities(actions)[0].version == "2025"


def test_a_command_that_no_device_sends_is_refused_as_unsupported() -> None:
    assert reasons(Talk().upload("2062", "DataTime=20161123103000")) == ["unsupported"]
    assert reasons(Talk().upload("7777", "")) == ["unsupported"]


def test_encrypted_data_is_read_with_the_key_of_the_register() -> None:
    key = "0123456789abcdeffedcba9876543210"
    talk = Talk(device(key=key))
    clear = parse_packet(talk.segment("2011", real_time(NOW), Flag=9).encode())
    talk.say(frame_of(seal(clear, key).segment().decode()))
    assert [one.names for one in talk.readings] == [("ph",)]
    without = Talk()
    assert reasons(without.say(frame_of(seal(clear, key).segment().decode()))) == ["unsupported"]


# --- clocks


@pytest.mark.parametrize(("hours", "reason"), [(8, ["future_time"]), (-8, [])])
def test_a_clock_eight_hours_off_is_noticed_and_nothing_is_moved(hours: int, reason: list[str]) -> None:
    talk = Talk()
    for _ in range(3):
        said = talk.now + hours * HOUR
        talk.upload("2011", real_time(said), QN=f"{write_time(said)}000")
        talk.later(30_000)
    [note] = talk.notes
    assert note.kind == "note"
    assert note.type == "clock"
    assert "8 h" in note.text
    assert counts(talk.actions).count("clock_eight_hours") == 1
    refused = [one.taken.explain()[0] for one in talk.actions if isinstance(one, Deliver) and one.taken.refusals]
    assert set(refused) == set(reason)
    assert {one.time % HOUR for one in talk.readings} <= {NOW % HOUR, NOW % HOUR + 30_000, NOW % HOUR + 60_000}
    talk.upload("2011", real_time(talk.now))
    talk.later(30_000)
    talk.upload("2011", real_time(talk.now))
    assert talk.notes[-1].text.endswith("right again")


def test_old_records_sent_after_an_outage_are_no_wrong_clock() -> None:
    talk = Talk()
    for number in range(20):
        said = NOW - 8 * HOUR + number * 60_000
        talk.upload("2011", real_time(said), QN=f"{write_time(said)}000")
        talk.later(5_000)
    assert not talk.notes
