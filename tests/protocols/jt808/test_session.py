"""The conversation: who is let in, when what is answered, and what is asked again."""

import pytest

from hub.catalogue import Device
from hub.link import FieldLink
from ingest.field.session import Close, Deliver, Identify, Reject
from ingest.protocols.jt808 import Jt808
from ingest.protocols.jt808.frame import Frame, Header, write_frame
from ingest.protocols.jt808.vehicle import code_of
from tests.protocols.jt808.rig import PHONE, REPORT, STATION, Talk, answers, device, framed, let_in, said

# --- coming in


def test_a_registration_is_answered_with_the_code_once_it_is_durable() -> None:
    talk = Talk()
    body = (
        bytes(4)
        + b"SIMUL".ljust(11, b"\0")
        + b"M".ljust(30, b"\0")
        + b"T".ljust(30, b"\0")
        + b"\2"
        + "浙B1".encode("gbk")
    )
    talk.hear(framed(0x0100, body, 9))
    assert not said(talk.actions)
    assert said(talk.store()) == [(0x8100, {"reply_serial": 9, "result": 0, "auth": code_of(device())})]


def test_the_code_is_the_registers_or_follows_from_its_secret() -> None:
    assert code_of(device(password="sesame")) == "sesame"
    assert code_of(device()) == code_of(device())
    assert code_of(device()) != code_of(Device(STATION, secret_hash="$7$other", link=device().link))


@pytest.mark.parametrize(
    ("message", "answer", "result"), [(0x0100, 0x8100, 4), (0x0102, 0x8001, 1), (0x0200, 0x8001, 1)]
)
def test_a_terminal_that_nobody_registered_is_told_so(message: int, answer: int, result: int) -> None:
    talk = Talk(Device(STATION, link=FieldLink("jt808", "13999999999")))
    talk.hear(framed(message, REPORT, 5))
    assert talk.refusals == ["unknown_device"]
    told = said(talk.store())
    assert [(id_, values["reply_serial"], values["result"]) for id_, values in told] == [(answer, 5, result)]
    assert not [action for action in talk.actions if isinstance(action, Identify)]


@pytest.mark.parametrize("identity", [PHONE, "0" + PHONE, PHONE.zfill(20)])
@pytest.mark.parametrize("version", [None, 1])
def test_the_register_may_write_the_number_with_or_without_zeros(identity: str, version: int | None) -> None:
    talk = Talk(Device(STATION, secret_hash="$7$salt", link=FieldLink("jt808", identity)))
    let_in(talk, version=version)
    assert [action.station for action in talk.actions if isinstance(action, Identify)] == [STATION]


def test_a_report_before_the_code_is_refused() -> None:
    talk = Talk()
    talk.hear(framed(0x0200, REPORT, 5))
    talk.store()
    assert talk.refusals == ["not_allowed"]
    assert answers(talk) == [(5, 1)]


def test_an_address_that_the_register_does_not_allow_is_shown_the_door() -> None:
    talk = Talk(device(sources=("10.1.0.0/16",)), peer="192.168.0.1")
    let_in(talk)
    assert talk.refusals == ["not_allowed"]
    assert isinstance(talk.actions[-1], Close)
    inside = Talk(device(sources=("10.1.0.0/16",)), peer="10.1.2.3")
    let_in(inside)
    assert not inside.refusals


def test_a_code_may_be_written_in_chinese() -> None:
    talk = Talk(device(password="芝麻开门"))
    talk.hear(framed(0x0102, "芝麻开门".encode("gbk"), version=None))
    assert not talk.refusals
    assert [action.version for action in talk.actions if isinstance(action, Identify)] == ["2013"]


def test_another_terminal_on_the_same_connection_is_refused() -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(write_frame(Frame(Header(0x0002, "13800000002".zfill(20), 2, 1), b"")))
    assert talk.refusals == ["not_allowed"]


def test_retried_letters_need_no_greeting() -> None:
    talk = Talk(device(sources=("10.1.0.0/16",)), trusted=True)
    talk.hear(framed(0x0200, REPORT, 5))
    assert len(talk.readings) == 1
    again = Talk(protocol=talk.protocol, trusted=True)
    again.hear(framed(0x0200, REPORT, 5))
    assert len(again.readings) == 1


# --- answers


def test_a_report_is_answered_when_it_is_durable_and_not_before() -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(framed(0x0200, REPORT, 7))
    assert answers(talk) == [(1, 0)]
    talk.store()
    assert answers(talk) == [(1, 0), (7, 0)]


def test_the_same_frame_before_it_is_durable_is_answered_with_it_and_later_at_once() -> None:
    protocol = Jt808()
    talk = Talk(protocol=protocol)
    let_in(talk)
    talk.hear(framed(0x0200, REPORT, 7) * 2)
    talk.store()
    assert answers(talk)[1:] == [(7, 0), (7, 0)]
    newer = Talk(protocol=protocol)
    let_in(newer)
    newer.hear(framed(0x0200, REPORT, 7))
    assert answers(newer)[1:] == [(7, 0)]
    assert len(talk.readings) == 1
    assert not newer.readings
    assert newer.counted("duplicate") == 1


def test_the_same_serial_with_another_report_is_another_report() -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(framed(0x0200, REPORT, 7) + framed(0x0200, REPORT[:-1] + b"\x21", 7))
    assert len(talk.readings) == 2


def test_heartbeats_time_and_farewell_are_answered_at_once() -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(framed(0x0002, b"", 2) + framed(0x0004, b"", 3) + framed(0x0003, b"", 4))
    assert answers(talk) == [(1, 0), (2, 0), (4, 0)]
    assert (0x8004, {"time": "261123024120"}) in said(talk.actions)
    talk.hear(framed(0x0200, REPORT, 5))
    assert talk.refusals == ["not_allowed"]


@pytest.mark.parametrize(
    ("message", "body", "reason", "result"), [(0x0F01, b"", "unsupported", 3), (0x0200, b"12", "bad_length", 2)]
)
def test_what_cannot_be_taken_is_said_so_and_kept(message: int, body: bytes, reason: str, result: int) -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(framed(message, body, 6))
    letter = next(action for action in talk.actions if isinstance(action, Reject))
    assert (letter.reason, letter.station, letter.raw) == (reason, STATION, framed(message, body, 6))
    assert len(answers(talk)) == 1
    talk.store()
    assert answers(talk)[1:] == [(6, result)]


def test_an_enciphered_body_is_not_supported() -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(framed(0x0200, REPORT, 6, flags=0x400))
    talk.store()
    assert talk.refusals == ["unsupported"]
    assert answers(talk)[1:] == [(6, 3)]


def test_a_broken_check_and_noise_are_not_answered() -> None:
    talk = Talk()
    let_in(talk)
    broken = bytearray(framed(0x0200, REPORT, 6))
    broken[-2] ^= 1
    talk.hear(bytes(broken))
    talk.store()
    assert talk.refusals == ["bad_crc"]
    assert len(answers(talk)) == 1


def test_a_report_from_the_future_is_refused_and_the_terminal_is_not_asked_again() -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(framed(0x0200, REPORT[:-6] + bytes.fromhex("271123104120"), 6))
    talk.store()
    assert talk.refusals == ["future_time"]
    assert not talk.readings
    assert answers(talk)[1:] == [(6, 0)]


def test_half_a_frame_is_waited_for_and_then_given_up() -> None:
    talk = Talk()
    let_in(talk)
    talk.hear(framed(0x0200, REPORT, 6)[:-4])
    talk.wait(29_000)
    assert not talk.refusals
    talk.wait(2_000)
    assert talk.refusals == ["incomplete"]
    talk.hear(framed(0x0200, REPORT, 6))
    assert len(talk.readings) == 1


def test_a_connection_that_ends_says_what_was_left() -> None:
    talk = Talk()
    let_in(talk)
    talk.command("link.check")
    talk.hear(framed(0x0104, b"", 8, total=3, number=1) + framed(0x0200, REPORT, 6)[:-4])
    talk.do(talk.session.closed(talk.now))
    assert talk.refusals == ["incomplete", "incomplete"]
    assert [state for state, _ in talk.steps()] == ["sent", "failed"]


# --- packages


def packages(serial: int = 10) -> list[bytes]:
    """A report in three packages."""
    pieces = (REPORT[:10], REPORT[10:20], REPORT[20:])
    return [framed(0x0200, piece, serial + n, total=3, number=n + 1) for n, piece in enumerate(pieces)]


def test_packages_in_any_order_are_one_record_and_each_is_answered() -> None:
    talk = Talk()
    let_in(talk)
    first, second, third = packages()
    talk.hear(third + first + first + second)
    delivered = [action for action in talk.actions if isinstance(action, Deliver)]
    assert len(delivered) == len(talk.readings) == 1
    assert delivered[0].raw == third + first + second
    assert len(answers(talk)) == 1
    talk.store()
    assert sorted(answers(talk)[1:]) == [(10, 0), (10, 0), (11, 0), (12, 0)]
    talk.hear(second)
    assert len(talk.readings) == 1
    assert answers(talk)[-1] == (11, 0)


def test_missing_packages_are_asked_for_three_times_and_then_given_up() -> None:
    talk = Talk()
    let_in(talk)
    first, _, third = packages()
    talk.hear(first + third)
    talk.wait(16_000)
    asked = [values for id_, values in said(talk.actions) if id_ == 0x8003]
    assert asked == [{"reply_serial": 10, "packages": [{"number": 2}]}] * 3
    talk.wait(6_000)
    assert talk.refusals == ["incomplete"]
    assert talk.session.next_tick() is None


def test_too_many_unfinished_messages_push_out_the_oldest() -> None:
    talk = Talk()
    let_in(talk)
    for serial in range(10, 60, 10):
        talk.now += 1
        talk.hear(packages(serial)[0])
    assert talk.refusals == ["incomplete"]
    talk.hear(framed(0x0200, b"x", 99, total=60_000, number=1))
    assert talk.refusals == ["incomplete"] * 2
