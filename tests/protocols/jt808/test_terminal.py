"""The simulated terminal, whose encoder shares nothing with the codec, against the session: what it saw is what is stored."""

import pytest

from hub.model import QUALITY_CODE, Check
from ingest.field.session import Close, Identify
from ingest.protocols.jt808 import Jt808
from simulators.field.jt808 import Behaviour, Plan, Terminal
from tests.protocols.jt808.rig import NOW, PHONE, STATION, Talk, converse, device, said


def met(talk: Talk, **plan: object) -> Terminal:
    """A terminal that has driven for a minute."""
    terminal = Terminal(Plan(PHONE, **plan), NOW)  # type: ignore[arg-type]
    converse(talk, terminal, 60)
    return terminal


def places(talk: Talk) -> dict[int, tuple[float, float]]:
    """Time and place of every row that has one."""
    return {
        row.time: (row.values[0], row.values[1])
        for row in talk.readings
        if row.names[:2] == ("lon", "lat") and row.quality is None
    }


@pytest.mark.parametrize("edition", [2011, 2013, 2019])
def test_everything_it_saw_is_stored_once(edition: int) -> None:
    talk = Talk()
    terminal = met(talk, edition=edition)
    assert places(talk) == {seen.time: (seen.lon, seen.lat) for seen in terminal.truth}
    assert len(talk.readings) == len(terminal.truth) >= 12
    assert terminal.waiting == 0
    assert not talk.refusals
    identified = [action for action in talk.actions if isinstance(action, Identify)]
    assert [(one.station, one.version) for one in identified] == [(STATION, str(edition))]
    assert talk.events[0].type == "terminal_registered"
    assert talk.events[0].values["plate"] == "浙B12345"


def test_a_row_says_everything_the_report_says() -> None:
    talk = Talk()
    met(talk)
    row = dict(zip(talk.readings[-1].names, talk.readings[-1].values, strict=True))
    assert row.keys() == {
        "lon", "lat", "speed", "heading", "altitude", "load", "ignition", "fix",
        "mileage", "fuel", "recorder_speed", "signal_level", "satellites",
    }  # fmt: skip
    assert (row["load"], row["ignition"], row["fix"], row["altitude"], row["fuel"]) == (2, 1, 1, 17, 183.4)
    assert 12_345 < row["mileage"] < 12_347


def test_an_outage_is_filled_afterwards_and_alarms_nobody() -> None:
    protocol = Jt808()
    first, second = Talk(protocol=protocol), Talk(protocol=protocol)
    terminal = Terminal(Plan(PHONE, behaviours=(Behaviour(70, 60, bit=2), Behaviour(80))), NOW)
    converse(first, terminal, 50)
    terminal.lost()
    for second_ in range(50, 700):
        terminal.tick(NOW + second_ * 1000)
    second.now = NOW + 700_000
    converse(second, terminal, 60)
    assert {**places(first), **places(second)} == {seen.time: (seen.lon, seen.lat) for seen in terminal.truth}
    assert terminal.waiting == 0
    told = [(event.kind, event.type) for event in second.events]
    assert told.count(("note", "fatigue")) == 2  # the bit where it rose, and the item
    assert not [kind for kind, _ in told if kind == "finding"]


def test_an_alarm_rings_once_with_its_level_and_the_reference_to_its_pictures() -> None:
    talk = Talk()
    met(
        talk,
        behaviours=(Behaviour(10, 20, kind=2, level=2), Behaviour(30, 15, bit=1), Behaviour(45, item=0x64, kind=4)),
    )
    found = [(event.type, event.level) for event in talk.events if event.kind == "finding"]
    assert found == [("phone_use", 2), ("overspeed", 2), ("pedestrian_collision", 2)]
    phone = next(event for event in talk.events if event.type == "phone_use")
    assert phone.values["attachments"] == 2
    assert phone.values["terminal"] == "SIM0001"
    assert {"lon", "lat", "speed", "alarm_time", "alarm_number"} <= phone.values.keys()


def test_repeated_frames_are_stored_once_and_answered_each_time() -> None:
    talk = Talk()
    terminal = met(talk, faults=frozenset({"duplicate"}))
    assert len(talk.readings) == len(terminal.truth)
    assert talk.counted("duplicate") == len(terminal.truth)
    answers = [values for id_, values in said(talk.actions) if id_ == 0x8001 and values["reply_id"] == 0x0200]
    assert len(answers) == 2 * len(terminal.truth)


def test_a_wrong_check_is_refused_and_the_report_comes_again() -> None:
    talk = Talk()
    terminal = met(talk, faults=frozenset({"wrong_xor"}))
    assert set(talk.refusals) == {"bad_crc"}
    assert talk.counted("bad_crc") >= 3
    assert terminal.waiting <= 3
    assert len(places(talk)) == len(terminal.truth) - terminal.waiting


def test_the_wrong_code_is_let_in_nowhere() -> None:
    talk = Talk(device(password="right"))
    terminal = Terminal(Plan(PHONE, code="stale"), NOW)
    for _ in range(3):
        converse(talk, terminal, 1)
    assert talk.refusals == ["bad_password"] * 3
    assert not terminal.admitted
    assert isinstance(talk.actions[-1], Close)
    assert not talk.readings


def test_the_registers_own_code_is_the_one_that_counts() -> None:
    talk = Talk(device(password="right"))
    met(talk, code="right")
    assert talk.readings
    assert not talk.refusals


def test_a_clock_that_lags_rings_nothing_and_one_ahead_is_refused() -> None:
    talk = Talk()
    met(talk, faults=frozenset({"clock_8h"}), behaviours=(Behaviour(10),))
    assert {event.kind for event in talk.events} == {"note"}
    assert talk.readings[0].time == NOW - 8 * 3_600_000


def test_swapped_axes_are_kept_as_sent_and_flagged() -> None:
    talk = Talk()
    terminal = met(talk, faults=frozenset({"swapped"}))
    flagged = [row for row in talk.readings if row.names == ("lon", "lat")]
    assert [row.values for row in flagged] == [(seen.lat, seen.lon) for seen in terminal.truth]
    assert {row.checks for row in flagged} == {Check.RANGE}
    others = [row for row in talk.readings if "lon" not in row.names]
    assert {row.checks for row in others} == {0}


def test_without_a_fix_the_place_is_where_it_was_last_seen() -> None:
    talk = Talk()
    met(talk, faults=frozenset({"no_fix"}))
    letters = {name: row.quality[place] for row in talk.readings if row.quality for place, name in enumerate(row.names)}
    assert {name for name, letter in letters.items() if letter == QUALITY_CODE["D"]} == {
        "lon", "lat", "speed", "heading", "altitude",
    }  # fmt: skip
    assert letters["load"] == letters["mileage"] == 0


@pytest.mark.parametrize(("fault", "asked"), [("packages", 0), ("lost_package", 1)])
@pytest.mark.parametrize("edition", [2013, 2019])
def test_packages_become_one_message_and_lost_ones_are_asked_for(fault: str, asked: int, edition: int) -> None:
    talk = Talk()
    terminal = Terminal(Plan(PHONE, edition=edition, faults=frozenset({fault})), NOW)  # type: ignore[arg-type]
    converse(talk, terminal, 40)
    terminal.lost()
    for second in range(40, 60):
        terminal.tick(NOW + second * 1000)
    talk.now = NOW + 60_000
    converse(talk, terminal, 30)
    assert places(talk) == {seen.time: (seen.lon, seen.lat) for seen in terminal.truth}
    assert (talk.counted("resend_asked") > 0) == bool(asked)
    assert terminal.waiting == 0


def test_places_come_in_the_datum_that_the_register_names() -> None:
    plain, shifted = Talk(), Talk(device(crs="gcj02"))
    terminal = met(plain)
    met(shifted)
    lon, lat = places(shifted)[terminal.truth[0].time]
    assert 0.002 < terminal.truth[0].lon - lon < 0.008
    assert 0.001 < abs(terminal.truth[0].lat - lat) < 0.006


@pytest.mark.parametrize("edition", [2013, 2019])
@pytest.mark.parametrize(
    ("name", "arguments", "values"),
    [
        ("parameters.set", {"parameters": {"report_s": 30, "plate": "浙B1", "0x0055": 60}}, {}),
        ("parameters.query", {}, {"parameters": {"report_s": 5, "max_speed_kmh": 80, "plate": "浙B12345"}}),
        ("parameters.some", {"names": ["max_speed_kmh"]}, {"parameters": {"max_speed_kmh": 80}}),
        ("terminal.control", {"command": 4}, {}),
        ("attributes.query", {}, {"model": "SW-1", "hardware": "H1", "firmware": "F1"}),
        ("position.query", {}, {}),
        ("position.follow", {"interval": 2, "duration": 60}, {}),
        ("alarm.confirm", {"reply_serial": 3, "alarms": 1}, {}),
        ("text.send", {"text": "前方道路封闭", "urgent": True}, {}),
        ("phonebook.set", {"contacts": [{"flags": 3, "phone": "110", "name": "报警"}]}, {}),
        ("area.circle.set", {"areas": [{"id": 1, "lat": 29.9, "lon": 121.6, "radius": 500, "max_speed": 40}]}, {}),
        ("area.circle.delete", {"ids": [1]}, {}),
        (
            "area.rectangle.set",
            {"areas": [{"id": 2, "lat": 30.0, "lon": 121.5, "lat2": 29.9, "lon2": 121.7, "name": "园区"}]},
            {},
        ),
        (
            "area.polygon.set",
            {
                "id": 3,
                "start": "2026-11-23T08:00:00+08:00",
                "end": "2026-11-23T18:00:00+08:00",
                "points": [{"lat": 30.0, "lon": 121.5}, {"lat": 30.1, "lon": 121.5}, {"lat": 30.1, "lon": 121.6}],
            },
            {},
        ),
        (
            "route.set",
            {"id": 4, "turns": [{"lat": 30, "lon": 121.5, "max_speed": 50}, {"lat": 30.1, "lon": 121.5}]},
            {},
        ),
        ("route.delete", {}, {}),
        ("areas.query", {"type": 1}, {"type": 1}),
        ("driver.query", {}, {"status": 2}),
        ("media.search", {"start": "261123000000", "end": "261123120000"}, {"items": []}),
        (
            "attachments.request",
            {"server": "10.0.0.1", "tcp": 7611, "terminal": "SIM0001", "alarm_time": "261123104120"},
            {},
        ),
    ],
)
def test_commands_reach_it_and_their_answers_come_back(edition: int, name: str, arguments: dict, values: dict) -> None:  # type: ignore[type-arg]
    talk = Talk()
    terminal = met(talk, edition=edition)
    sent = [action.data for action in talk.command(name, **arguments) if hasattr(action, "data")]
    pending = b"".join(terminal.received(b"".join(sent), talk.now))
    talk.hear(pending)
    states = talk.steps()
    assert [state for state, _ in states] == ["sent", "done"]
    assert states[-1][1].items() >= values.items()
    if name == "parameters.set":
        assert terminal.parameters[0x29] == b"\0\0\0\x1e"
        assert terminal.parameters[0x83] == "浙B1".encode("gbk")
