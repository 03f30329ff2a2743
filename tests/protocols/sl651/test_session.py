"""A station's connection: what is taken, what is confirmed and when, what is asked for again, what is refused."""

from typing import Any

import pytest

from hub.catalogue import Device
from hub.link import FieldLink
from ingest.codec import Reading
from ingest.field.session import Close, Count, Identify, Send
from simulators.field.sl651 import ACK, EOT, ESC, NAK
from simulators.field.sl651_wire import Wire
from tests.ingest.rig import NOW
from tests.protocols.sl651.pictures import JPEG
from tests.protocols.sl651.rig import CAMERA, STATION, W1, W2, Talk, rtu, station

MINUTE = 60_000
WIRE = Wire(STATION, "1234")


def timed(serial: int, *, level: float = 3.5, more: bool = False, wire: Wire = WIRE, function: int = 0x32) -> bytes:
    """A report of a level."""
    body = wire.head(serial, NOW) + wire.site("H", NOW) + wire.element("39", level)
    return wire.frame(function, body, more=more)


def ends(sent: bytes, wire: Wire = WIRE) -> list[int]:
    """The end characters of what went down."""
    return [down.end for down in Wire(wire.station, wire.password, ascii_=wire.ascii).heard(sent)]


# --- confirmations


@pytest.mark.parametrize("ascii_", [False, True], ids=["HEX", "ASCII"])
def test_a_report_is_confirmed_once_it_is_durable(ascii_: bool) -> None:
    talk, wire = Talk(), Wire(STATION, "1234", ascii_=ascii_)
    talk.hold = True
    assert talk.hear(timed(7, wire=wire)) == b""
    (down,) = wire.heard(talk.settle())
    assert (down.function, down.end, down.serial) == (0x32, EOT, 7)
    assert talk.values() == [(NOW, "level", 3.5)]


def test_the_first_frame_says_who_calls() -> None:
    talk = Talk()
    talk.hear(timed(1))
    assert [one for one in talk.actions if isinstance(one, Identify)] == [Identify(W1, STATION, "2014")]
    talk.hear(timed(2, level=3.6))
    assert len([one for one in talk.actions if isinstance(one, Identify)]) == 1


def test_link_keeping_has_no_answer() -> None:
    talk = Talk()
    assert talk.hear(WIRE.frame(0x2F, WIRE.head(1, NOW))) == b""
    assert not talk.refused


def test_a_frame_after_which_more_come_is_acknowledged_and_the_last_one_released() -> None:
    talk = Talk()
    assert ends(talk.hear(timed(1, more=True))) == [ACK]
    assert ends(talk.hear(timed(2, level=3.6))) == [EOT]


def test_a_station_that_is_kept_hears_esc_over_its_connections() -> None:
    talk = Talk()
    talk.hear(timed(1))
    talk.ask("line.keep")
    assert ends(talk.hear(timed(2, level=3.6))) == [ESC]
    later = Talk(memory=talk.memory)
    assert ends(later.hear(timed(3, level=3.7))) == [ESC]
    later.ask("line.release")
    assert ends(later.hear(timed(4, level=3.8))) == [EOT]


def test_the_same_report_twice_is_stored_once_and_answered_twice() -> None:
    talk = Talk()
    assert ends(talk.hear(timed(1)) + talk.hear(timed(1))) == [EOT, EOT]
    assert len(talk.stored) == 1
    # Over a new connection too, and where the second comes before the first is durable.
    again = Talk(memory=talk.memory)
    again.hold = True
    again.hear(timed(1))
    again.hear(timed(2, level=3.6) * 2)
    assert ends(again.settle()) == [EOT, EOT]
    assert len(again.stored) == 1


def test_the_same_serial_number_with_other_values_is_another_report() -> None:
    talk = Talk()
    talk.hear(timed(1) + timed(1, level=3.6))
    assert len(talk.stored) == 2


# --- refusals


def test_a_wrong_check_is_refused_with_its_bytes_and_not_answered() -> None:
    talk, frame = Talk(), timed(1)
    spoilt = frame[:-1] + bytes((frame[-1] ^ 1,))
    assert talk.hear(spoilt) == b""
    (reject,) = talk.refused
    assert (reject.reason, reject.raw) == ("bad_crc", spoilt)


@pytest.mark.parametrize(
    ("devices", "peer", "reason"),
    [
        ((station(password="FFFF"),), "10.0.0.1", "bad_password"),
        ((station(identity="0000000001"),), "10.0.0.1", "unknown_device"),
        ((station(sources=("10.2.0.0/16",)),), "10.0.0.1", "not_allowed"),
        ((Device(W1, enabled=False, link=FieldLink("sl651", STATION)),), "10.0.0.1", "unknown_device"),
    ],
)
def test_a_stranger_is_refused_and_its_connection_ended(devices: tuple[Device, ...], peer: str, reason: str) -> None:
    talk = Talk(*devices, peer=peer)
    assert talk.hear(timed(1)) == b""
    assert [one.reason for one in talk.refused] == [reason]
    assert STATION in talk.refused[0].detail
    assert any(isinstance(one, Close) for one in talk.actions)


@pytest.mark.parametrize("identity", ["0012345678", "12345678"])
def test_a_register_may_write_the_address_in_several_ways(identity: str) -> None:
    talk = Talk(station(identity=identity))
    talk.hear(timed(1))
    assert talk.values()


def test_a_station_of_a_region_is_found_by_its_decimal_number() -> None:
    talk = Talk(station(identity="330211060000", password=""))
    wire = Wire("330211EA60", "0000")
    talk.hear(timed(1, wire=wire))
    assert talk.values()


def test_an_unknown_element_is_told_of_and_the_rest_stored() -> None:
    talk = Talk()
    body = WIRE.head(1, NOW) + WIRE.site("H", NOW) + WIRE.element("39", 3.5) + bytes.fromhex("8A120123FF07080938121260")
    assert ends(talk.hear(WIRE.frame(0x32, body))) == [EOT]
    (what,) = talk.stored
    assert what.taken.readings == [Reading(NOW, ("level", "battery"), (3.5, 12.6))]
    assert what.taken.explain()[0] == "unknown_property"
    assert "sl651_8a" in what.taken.explain()[1]
    assert "sl651_ff07" in what.taken.explain()[1]


def test_a_body_that_cannot_be_read_is_refused_and_not_answered() -> None:
    talk = Talk()
    frame = WIRE.frame(0x32, WIRE.head(1, NOW) + WIRE.site("H", NOW) + bytes.fromhex("3923000100"))
    assert talk.hear(frame) == b""
    assert [one.reason for one in talk.refused] == ["bad_length"]


def test_a_function_of_the_users_own_is_kept_and_answered() -> None:
    talk = Talk()
    assert ends(talk.hear(WIRE.frame(0xE0, WIRE.head(5, NOW) + b"own"))) == [EOT]
    assert [one.reason for one in talk.refused] == ["unsupported"]


def test_rubbish_and_a_frame_that_stops_are_refused_and_the_next_frame_is_taken() -> None:
    talk = Talk()
    talk.hear(b"IMEI 86\x00\x7e" + timed(1)[:20])
    talk.pass_time(2 * MINUTE)
    talk.hear(timed(2))
    assert [one.reason for one in talk.refused] == ["bad_format", "incomplete"]
    assert talk.values()


def test_a_time_in_the_future_is_refused_and_confirmed() -> None:
    talk = Talk(now=NOW - 60 * MINUTE)
    assert ends(talk.hear(timed(1))) == [EOT]
    assert talk.stored[-1].taken.explain()[0] == "future_time"


# --- what is more than values


def test_a_clock_that_is_off_is_told_once() -> None:
    talk = Talk()
    machine = rtu(faults=frozenset({"clock_8h"}))
    talk.converse(machine)
    talk.now += 10 * MINUTE
    talk.converse(machine)
    assert talk.events() == ["clock_off"]
    assert talk.stored[0].taken.events[0].values == {"seconds": -28800}


def test_a_test_report_is_a_note_and_no_reading() -> None:
    talk = Talk()
    talk.hear(timed(1, function=0x30))
    (what,) = talk.stored
    assert not what.taken.readings
    assert [(event.kind, event.type, event.values) for event in what.taken.events] == [
        ("note", "test_report", {"level": 3.5})
    ]


def test_an_alarm_is_a_finding_when_it_begins() -> None:
    talk = Talk()
    for serial, word in enumerate(("00000080", "00000082", "00000083", "00000080", "00000000"), start=1):
        body = WIRE.head(serial, NOW + serial) + WIRE.site("H", NOW + serial * MINUTE) + bytes.fromhex("4520" + word)
        talk.hear(WIRE.frame(0x32, body))
    assert talk.events() == ["battery_low", "mains_lost", "door_open"]


def test_an_alarm_that_was_sent_long_ago_is_a_note_and_begins_nothing() -> None:
    talk = Talk(now=NOW + 20 * MINUTE)
    body = WIRE.head(1, NOW) + WIRE.site("H", NOW) + bytes.fromhex("452000000082")
    talk.hear(WIRE.frame(0x32, body))
    body = WIRE.head(2, talk.now) + WIRE.site("H", talk.now) + bytes.fromhex("452000000082")
    talk.hear(WIRE.frame(0x32, body))
    told = [(event.type, event.kind) for what in talk.stored for event in what.taken.events]
    assert told == [("battery_low", "note"), ("clock_off", "note"), ("battery_low", "finding")]


def test_what_was_keyed_in_is_kept_as_text_and_read_where_it_is_pairs() -> None:
    talk = Talk()
    talk.hear(WIRE.frame(0x35, WIRE.head(1, NOW) + WIRE.special("F2", "RGZS", b"TT 2601010000 Z 3.21 Q 12.5")))
    (what,) = talk.stored
    assert [(event.type, event.text) for event in what.taken.events] == [
        ("manual_report", "TT 2601010000 Z 3.21 Q 12.5")
    ]
    assert what.taken.readings == [Reading(NOW - 8 * 60 * MINUTE, ("level", "flow"), (3.21, 12.5), (4, 4))]


def test_a_relay_may_report_for_stations_of_its_department_if_it_is_a_gateway() -> None:
    other = Wire("0087654321", "1234")
    body = WIRE.head(1, NOW) + WIRE.site("H", NOW) + WIRE.element("39", 3.5)
    body += other.site("P", NOW) + other.element("20", 1.5)
    frame = WIRE.frame(0x32, body)
    talk = Talk(station(gateway=True), station(W2, "0087654321"))
    assert ends(talk.hear(frame)) == [EOT]
    assert talk.values(W2) == [(NOW, "rain", 1.5)]
    for devices, reason in (((station(), station(W2, "0087654321")), "not_allowed"), ((station(),), "unknown_device")):
        talk = Talk(*devices)
        assert ends(talk.hear(frame)) == [EOT]
        assert [one.reason for one in talk.refused] == [reason]
        assert talk.values() == [(NOW, "level", 3.5)]


# --- split messages


@pytest.mark.parametrize("ascii_", [False, True], ids=["HEX", "ASCII"])
@pytest.mark.parametrize("faults", [(), ("lost_packet",)], ids=["whole", "one lost"])
def test_a_picture_is_joined_and_confirmed_once(ascii_: bool, faults: tuple[Any, ...]) -> None:
    talk = Talk()
    machine = rtu(period_s=0, picture_s=600.0, picture=JPEG, ascii=ascii_, faults=frozenset(faults))
    talk.converse(machine)
    assert [what.picture for what in talk.stored] == [JPEG]
    assert talk.values() == [(NOW, "frame_bytes", float(len(JPEG)))]
    assert [down.end for down in machine.heard] == ([NAK, EOT] if faults else [EOT])
    assert [report.confirmed for report in machine.reports] == [True]


def test_a_picture_is_the_cameras_where_the_register_has_one() -> None:
    talk = Talk(station(), station(CAMERA, f"{STATION}-camera"))
    talk.converse(rtu(period_s=0, picture_s=600.0, picture=JPEG))
    assert [what.station for what in talk.stored] == [CAMERA]


def test_a_packet_that_never_comes_is_asked_for_twice_and_the_rest_refused() -> None:
    talk = Talk()
    packets = [WIRE.frame(0x36, b"x" * 20, more=number < 3, packet=(3, number)) for number in (1, 3)]
    sent = talk.hear(b"".join(packets)) + talk.pass_time(10 * MINUTE)
    assert ends(sent) == [NAK, NAK]
    assert [(one.reason, one.raw) for one in talk.refused] == [("incomplete", b"".join(packets))]
    assert talk.session.next_tick() is None


def test_packets_of_another_message_do_not_mix_with_it() -> None:
    talk = Talk()
    talk.hear(WIRE.frame(0x36, b"x" * 20, more=True, packet=(3, 1)))
    talk.converse(rtu(period_s=0, picture_s=600.0, picture=JPEG))
    assert [what.picture for what in talk.stored] == [JPEG]
    assert [one.reason for one in talk.refused] == ["incomplete"]


def test_what_is_half_way_when_the_connection_ends_is_refused() -> None:
    talk = Talk()
    talk.hear(WIRE.frame(0x36, b"x" * 20, more=True, packet=(3, 1)) + timed(1)[:10])
    talk._do(talk.session.closed(talk.now))
    assert [one.reason for one in talk.refused] == ["incomplete", "incomplete"]
    assert not [one for one in talk.actions if isinstance(one, Send)]


def test_counts_tell_of_duplicates_and_missing_packets() -> None:
    talk = Talk()
    talk.converse(rtu(period_s=0, picture_s=600.0, picture=JPEG, faults=frozenset({"lost_packet"})))
    talk.hear(timed(9) * 2)
    assert {one.name for one in talk.actions if isinstance(one, Count)} == {"packets_asked_again", "duplicate"}
