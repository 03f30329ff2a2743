"""What the hub asks of a station: the query, its answer, its time-outs, each step told."""

from pathlib import Path
from typing import Any

import pytest

from ingest.protocols.sl651.asking import WORDS
from simulators.field.sl651 import ENQ, EOT, ESC, Rtu
from simulators.field.sl651_wire import Wire, stamp
from tests.ingest.rig import NOW
from tests.protocols.sl651.pictures import JPEG
from tests.protocols.sl651.rig import STATION, W1, Talk, rtu, station

HOUR = 3_600_000
BEGIN, END = NOW - 6 * HOUR, NOW


def called(*, ascii_: bool = False, **plan: Any) -> tuple[Talk, Rtu]:
    """A station that has said who it is."""
    talk, machine = Talk(), rtu(ascii=ascii_, **plan)
    talk.converse(machine)
    return talk, machine


def answered(talk: Talk, machine: Rtu, sent: bytes) -> None:
    """Carry a query down and what follows up and down, until both are silent."""
    while sent:
        sent = talk.hear(b"".join(machine.received(sent, talk.now)))


@pytest.mark.parametrize("ascii_", [False, True], ids=["HEX", "ASCII"])
@pytest.mark.parametrize(
    ("name", "arguments", "function"),
    [
        ("realtime.get", {}, 0x37),
        ("data.query", {"begin": BEGIN, "end": END, "step_minutes": 5, "element": "level"}, 0x38),
        ("manual.get", {}, 0x39),
        ("elements.get", {"elements": ["level", "26", "VT"]}, 0x3A),
        ("config.get", {"parameters": ["03", "0C"]}, 0x41),
        ("parameters.set", {"parameters": {"20": 1, "28": 10.5}}, 0x42),
        ("parameters.get", {"parameters": ["20"]}, 0x43),
        ("version.get", {}, 0x45),
        ("state.get", {}, 0x46),
        ("memory.clear", {}, 0x47),
        ("factory.reset", {}, 0x48),
        ("clock.set", {}, 0x4A),
        ("pumps.set", {"on": [True, False, True]}, 0x4C),
        ("gates.set", {"on": [True, False], "openings_cm": [120, 0]}, 0x4E),
        ("quota.set", {"on": True}, 0x4F),
        ("clock.get", {}, 0x51),
    ],
)
def test_a_query_is_answered_confirmed_and_done(
    name: str, arguments: dict[str, Any], function: int, ascii_: bool
) -> None:
    talk, machine = called(ascii_=ascii_)
    answered(talk, machine, talk.ask(name, **arguments))
    assert [step.state for step in talk.steps] == ["sent", "done"], talk.steps
    assert [(down.function, down.end) for down in list(machine.heard)[-2:]] == [(function, ENQ), (function, EOT)]
    assert machine.heard[-2].serial == 0
    assert not talk.refused


@pytest.mark.parametrize(("ascii_", "id_"), [(False, "39"), (True, "Z")])
def test_what_a_query_brings_is_stored_and_told(ascii_: bool, id_: str) -> None:
    talk, machine = called(ascii_=ascii_)
    talk.stored.clear()
    answered(talk, machine, talk.ask("data.query", begin=BEGIN, end=END, step_minutes=5, element="level"))
    times = [time for time, name, _ in talk.values() if name == "level"]
    assert times == [NOW - slot * 300_000 for slot in range(11, -1, -1)]
    elements = talk.steps[-1].values["elements"]
    assert isinstance(elements, list)
    assert elements[-1]["id"] == id_
    assert len(elements[-1]["value"]) == 12


def test_a_query_for_rain_takes_the_element_of_its_step() -> None:
    talk, machine = called()
    sent = talk.ask("data.query", begin="2026-01-01T00:00:00+08:00", end="2026-01-01T06:00:00+08:00", element="rain")
    (down,) = Wire(STATION, "1234").heard(sent)
    assert down.rest.hex().upper() == "26010100" + "26010106" + "0418000100" + "1A19"
    assert down.sent == stamp(NOW)
    assert machine.plan.station == STATION


def test_a_picture_that_was_asked_for_is_stored_when_all_packets_are_there() -> None:
    talk, machine = called(period_s=0, picture=JPEG, faults=frozenset({"lost_packet"}))
    talk.hear(machine.wire.frame(0x2F, machine.wire.head(1, NOW)))
    answered(talk, machine, talk.ask("picture.get"))
    assert [what.picture for what in talk.stored if what.picture] == [JPEG]
    assert [step.state for step in talk.steps] == ["sent", "done"]


def test_passwords_are_told_to_nobody_and_a_new_one_is_taken_beside_the_registers() -> None:
    talk, machine = called()
    answered(talk, machine, talk.ask("config.get", parameters=["03"]))
    assert talk.steps[-1].values["elements"] == [{"id": "03", "value": "****"}]
    answered(talk, machine, talk.ask("password.set", password="BEEF"))
    assert talk.steps[-1].state == "done"
    assert "beef" not in repr(talk.steps).lower()
    talk.now += 301_000
    talk.converse(machine)
    assert machine.wire.password == "BEEF"
    assert not talk.refused


def test_no_answer_is_asked_for_twice_more_and_then_failed() -> None:
    talk, _ = called()
    first = talk.ask("realtime.get")
    assert talk.pass_time(59_999) == first * 2
    talk.pass_time(1)
    assert [step.state for step in talk.steps] == ["sent", "sent", "sent", "failed"]
    assert talk.session.next_tick() is None


def test_one_query_at_a_time_and_the_station_is_kept_while_more_wait() -> None:
    talk, machine = called()
    first = talk.ask("realtime.get")
    assert talk.ask("version.get") == b""
    answered(talk, machine, first)
    ends = [(down.function, down.end) for down in list(machine.heard)[-4:]]
    assert ends == [(0x37, ENQ), (0x37, ESC), (0x45, ENQ), (0x45, EOT)]


def test_a_query_waits_until_what_came_is_confirmed() -> None:
    talk, machine = called()
    talk.hold = True
    talk.now += 301_000
    talk.hear(b"".join(machine.tick(talk.now)))
    assert talk.ask("realtime.get") == b""
    ends = [down.end for down in Wire(STATION, "1234").heard(talk.settle())]
    assert ends == [ESC, ENQ]


def test_what_came_too_late_to_be_sent_has_expired_and_what_was_cut_off_has_failed() -> None:
    talk, _ = called()
    talk.ask("realtime.get")
    talk.ask("version.get", lasts=30_000)
    talk.ask("state.get")
    talk.pass_time(60_000)
    assert [(step.command, step.state) for step in talk.steps[-3:]] == [
        ("c-realtime.get", "failed"),
        ("c-version.get", "expired"),
        ("c-state.get", "sent"),
    ]
    talk._do(talk.session.closed(talk.now))
    assert (talk.steps[-1].command, talk.steps[-1].state) == ("c-state.get", "failed")


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("valve.open", {}, "no command"),
        ("realtime.get", {"station": "x"}, "no argument station"),
        ("elements.get", {"elements": ["salinity"]}, "salinity"),
        ("data.query", {"begin": END, "end": BEGIN, "element": "level"}, "before begin"),
        ("data.query", {"begin": BEGIN, "end": END, "element": "level", "step_minutes": 7}, "step_minutes"),
        ("parameters.set", {"parameters": {"20": 1000}}, "digits"),
        ("password.set", {"password": "12345"}, "4 hexadecimal"),
        ("gates.set", {"on": [True], "openings_cm": []}, "openings_cm"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_before_anything_is_sent(
    name: str, arguments: dict[str, Any], word: str
) -> None:
    talk, _ = called()
    assert talk.ask(name, **arguments) == b""
    assert talk.steps[-1].state == "refused"
    assert word in talk.steps[-1].detail


def test_nothing_can_be_asked_of_a_connection_that_has_not_said_who_it_is() -> None:
    talk = Talk(station())
    assert talk.ask("realtime.get") == b""
    assert [step.state for step in talk.steps] == ["failed"]
    assert not talk.values(W1)


def test_every_command_is_told_on_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "protocols" / "sl651.md").read_text(encoding="utf-8")
    assert [name for name in WORDS if f"`{name}`" not in page] == []


def test_an_answer_that_waits_for_the_bus_is_not_asked_for_again() -> None:
    talk, machine = called()
    up = machine.received(talk.ask("realtime.get"), talk.now)
    talk.hold = True
    talk.hear(b"".join(up))
    assert talk.pass_time(600_000) == b""
    talk.settle()
    assert [step.state for step in talk.steps] == ["sent", "done"]


def test_an_answer_that_says_what_was_said_before_still_ends_its_query() -> None:
    talk, machine = called()
    for _ in range(2):
        machine._serial = 7
        answered(talk, machine, talk.ask("version.get"))
    assert [step.state for step in talk.steps] == ["sent", "done", "sent", "done"]
