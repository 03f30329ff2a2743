"""Commands: what is written for them, what becomes of them, and that nothing that is asked can break a session."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import bd09, gcj02
from ingest.field.session import Seen, Send
from ingest.protocols.jt808 import PROTOCOL
from tests.protocols.jt808.rig import REPORT, Talk, answers, device, framed, let_in, said

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
ARGUMENTS = (
    "parameters", "names", "ids", "action", "areas", "points", "turns", "text", "urgent", "type", "contacts", "start",
    "end", "lat", "lon", "id", "tell", "max_speed", "server", "tcp", "alarm_time",
)  # fmt: skip


def test_nothing_is_asked_before_the_terminal_is_known() -> None:
    talk = Talk()
    talk.command("link.check")
    assert [state for state, _ in talk.steps()] == ["failed"]
    assert not said(talk.actions)


def test_a_silent_terminal_is_asked_three_times() -> None:
    talk = Talk()
    let_in(talk)
    talk.command("text.send", text="停车")
    talk.wait(200_000)
    texts = [values for id_, values in said(talk.actions) if id_ == 0x8300]
    assert texts == [{"flags": 12, "type": 1, "text": "停车"}] * 3
    assert [state for state, _ in talk.steps()] == ["sent", "sent", "sent", "failed"]
    assert talk.session.next_tick() is None


def test_a_command_expires() -> None:
    talk = Talk()
    let_in(talk)
    talk.command("link.check", lasts=15_000)
    talk.wait(60_000)
    assert [state for state, _ in talk.steps()] == ["sent", "sent", "expired"]
    talk.command("link.check", lasts=0, command_id="c2")
    assert [state for state, _ in talk.steps("c2")] == ["expired"]


@pytest.mark.parametrize(("result", "state"), [(0, "done"), (1, "failed"), (2, "refused"), (3, "refused")])
def test_the_terminals_word_ends_a_command(result: int, state: str) -> None:
    talk = Talk()
    let_in(talk)
    sent = [action for action in talk.command("link.check") if isinstance(action, Send)]
    serial = sent[0].data[16:18]
    talk.hear(framed(0x0001, serial + b"\x82\x04" + bytes((result,)), 3))
    assert [state_ for state_, _ in talk.steps()] == ["sent", state]
    assert isinstance(talk.actions[-2], Seen)


def test_a_query_is_accepted_first_and_done_with_its_data() -> None:
    talk = Talk()
    let_in(talk)
    sent = [action for action in talk.command("position.query") if isinstance(action, Send)]
    serial = sent[0].data[16:18]
    talk.hear(framed(0x0001, serial + b"\x82\x01\x00", 3))
    talk.hear(framed(0x0201, serial + REPORT, 4))
    assert [state for state, _ in talk.steps()] == ["sent", "accepted", "done"]
    assert talk.steps()[-1][1]["location"]["lat"] == 29.96  # type: ignore[index]
    assert len(talk.readings) == 1
    talk.store()
    assert answers(talk) == [(1, 0)]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("car.explode", {}),
        ("text.send", {"txt": "x"}),
        ("parameters.set", {"parameters": {"report_s": "soon"}}),
        ("parameters.set", {"parameters": {"nonsense": 1}}),
        ("parameters.some", {"names": []}),
        ("area.circle.set", {"areas": [{"id": 1, "lat": 129, "lon": 121, "radius": 5}]}),
        ("area.circle.set", {"areas": []}),
        ("area.polygon.set", {"id": 1, "points": [3]}),
        ("media.search", {"start": "yesterday"}),
        ("terminal.control", {"command": 300}),
    ],
)
def test_a_command_that_cannot_be_written_is_refused_with_the_reason(name: str, arguments: dict[str, Any]) -> None:
    talk = Talk()
    let_in(talk)
    talk.command(name, **arguments)
    assert [state for state, _ in talk.steps()] == ["refused"]


@pytest.mark.parametrize("name", PROTOCOL.commands)
@settings(max_examples=5)
@given(data=st.data())
def test_whatever_is_asked_nothing_breaks(name: str, data: st.DataObject) -> None:
    area = st.dictionaries(st.sampled_from(ARGUMENTS), JSON, max_size=6)
    value = JSON | st.lists(area, max_size=2) | st.dictionaries(st.sampled_from(("report_s", "plate", "0x55")), JSON)
    talk = Talk()
    let_in(talk)
    arguments: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(ARGUMENTS), value, max_size=5))
    talk.command(name, **arguments)
    assert talk.steps()[-1][0] in ("sent", "refused")


def test_a_long_text_goes_in_packages_and_lost_ones_again() -> None:
    talk = Talk()
    let_in(talk)
    sent = [action.data for action in talk.command("text.send", text="停" * 1500) if isinstance(action, Send)]
    assert len(sent) == 3
    first = sent[0][16:18]
    again = talk.hear(framed(0x0005, first + b"\x00\x01\x00\x02", 3))
    assert [action.data for action in again if isinstance(action, Send)] == [sent[1]]
    for number, frame in enumerate(sent):
        talk.hear(framed(0x0001, frame[16:18] + b"\x83\x00\x00", 4 + number))
    assert [state for state, _ in talk.steps()] == ["sent", "done"]


def test_two_commands_are_told_apart() -> None:
    talk = Talk()
    let_in(talk)
    one = next(action for action in talk.command("link.check") if isinstance(action, Send))
    two = next(action for action in talk.command("link.check", command_id="c2") if isinstance(action, Send))
    talk.hear(framed(0x0001, two.data[16:18] + b"\x82\x04\x00", 3))
    assert [state for state, _ in talk.steps()] == ["sent"]
    assert [state for state, _ in talk.steps("c2")] == ["sent", "done"]
    assert one.data != two.data


def test_what_is_written_follows_the_terminals_edition() -> None:
    old, new = Talk(), Talk()
    let_in(old, version=None)
    let_in(new)
    for talk in (old, new):
        talk.command("text.send", text="x")
    assert said(old.actions)[-1][1] == {"flags": 12, "text": "x"}
    assert said(new.actions)[-1][1] == {"flags": 12, "type": 1, "text": "x"}


@pytest.mark.parametrize(("crs", "shift"), [("gcj02", gcj02.to_gcj02), ("bd09", bd09.to_bd09)])
def test_areas_are_where_the_terminal_will_look_for_them(
    crs: str, shift: Callable[[float, float], tuple[float, float]]
) -> None:
    talk = Talk(device(crs=crs))
    let_in(talk)
    talk.command("area.circle.set", areas=[{"id": 1, "lat": 29.9, "lon": 121.6, "radius": 500}])
    area = said(talk.actions)[-1][1]["areas"][0]
    lon, lat = shift(121.6, 29.9)
    assert (area["lon"], area["lat"]) == (round(lon * 1e6), round(lat * 1e6))
    assert abs(area["lon"] - 121_600_000) > 1000
