"""Findings with an edge: an alert ends with the last of them, shows what they showed, and hears nothing twice."""

import msgspec

from hub.alert import AlertTransition
from hub.catalogue import Catalogue
from hub.event import DeviceEvent
from hub.evidence import Evidence
from hub.model import Condition
from processors.engine import process_event
from processors.findings import QUIET_MS, Finding
from processors.snapshot import Snapshots, restore
from processors.state import RuleState

CAMERA = "north/camera/bridge-1"
T = 1_700_000_000_000


def told(key: str, edge: str, time: int, *pieces: str, level: int = 3) -> DeviceEvent:
    evidence = tuple(Evidence(name * 64, "frame", "image/jpeg", 3, time) for name in pieces)
    return msgspec.convert(
        {
            "kind": "finding",
            "station": CAMERA,
            "time": time,
            "received": time + 100,
            "type": "debris.item",
            "level": level,
            "key": key,
            "edge": edge,
            "evidence": msgspec.to_builtins(evidence),
        },
        DeviceEvent,
    )


STORY = [
    told("a", "open", T, "1", "2"),
    told("b", "open", T + 1000, "3"),
    told("a", "update", T + 2000),
    told("a", "close", T + 5000, "4"),
    told("b", "close", T + 9000, "5"),
]


def run(events: list[DeviceEvent], state: RuleState | None = None) -> list[AlertTransition]:
    state = state or RuleState()
    return [said for place, event in enumerate(events) for said in process_event(event, state, Catalogue(), place)]


def test_an_alert_ends_with_the_last_of_its_findings_and_shows_what_all_showed() -> None:
    said = run(STORY)
    assert [one.condition for one in said] == [*[Condition.ACTIVE] * 3, Condition.CLEARED]
    assert len({one.id for one in said}) == 1
    assert [one.n for one in said] == [1, 2, 3, 4]
    assert said[-1].cleared == T + 9000
    assert [piece.sha256[0] for piece in said[-1].evidence] == ["1", "2", "3", "4", "5"]


def test_what_is_told_again_after_a_restart_is_no_news() -> None:
    state = RuleState()
    once = run(STORY, state)
    assert run(STORY, state) == []
    again = run([STORY[0], *STORY, *STORY[2:]])
    assert [(one.n, one.condition, one.at) for one in again] == [(one.n, one.condition, one.at) for one in once]


def test_a_later_finding_begins_another_alert() -> None:
    said = run([*STORY, told("c", "open", T + 60_000, "6")])
    assert said[-1].id != said[0].id
    assert said[-1].n == 1
    assert [piece.sha256[0] for piece in said[-1].evidence] == ["6"]


def test_a_close_whose_beginning_was_lost_begins_nothing_and_bars_its_late_opening() -> None:
    assert run([told("a", "close", T), told("a", "open", T - 1000)]) == []


def test_an_open_one_does_not_end_by_being_quiet() -> None:
    state = RuleState()
    run([STORY[0]], state)
    said = run([told("b", "open", T + 3 * QUIET_MS, level=2)], state)
    assert [(one.condition, one.level, one.n) for one in said] == [(Condition.ACTIVE, 2, 2)]


def test_a_snapshot_in_between_changes_nothing() -> None:
    whole = run(STORY)
    for cut in range(1, len(STORY)):
        state = RuleState()
        first = run(STORY[:cut], state)
        state = restore(Snapshots().take(state), Catalogue())
        rest = [
            said
            for place, event in enumerate(STORY[cut:], cut)
            for said in process_event(event, state, Catalogue(), place)
        ]
        assert first + rest == whole


def test_a_state_saved_before_there_were_edges_is_taken_up() -> None:
    old = msgspec.msgpack.encode([T, T + 100, 7, T, 3, 1, "fire"])
    assert msgspec.msgpack.decode(old, type=Finding) == Finding(T, T + 100, 7, T, 3, 1, "fire")
