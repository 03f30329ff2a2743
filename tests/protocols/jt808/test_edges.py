"""Alarms ring on their edges: once where they begin, again only to keep an alert open, never for the past."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.protocols.jt808.edges import AGAIN_MS, LIVE_MS, Edges, live
from processors.findings import QUIET_MS

SECOND = 1000
FATIGUE = ("fatigue", True)
EMERGENCY = ("emergency", False)


def test_an_alarm_is_said_where_it_begins_and_where_it_begins_again() -> None:
    edges = Edges()
    said = [bool(edges.rising(5 * SECOND * n, [FATIGUE] if n in (1, 2, 3, 6, 7) else [])) for n in range(9)]
    assert said == [False, True, False, False, False, False, True, False, False]


def test_a_lasting_alarm_is_said_again_before_its_alert_would_end() -> None:
    edges = Edges()
    said = [n * 10 * SECOND for n in range(180) if edges.rising(n * 10 * SECOND, [FATIGUE])]
    gaps = [after - before for before, after in pairwise(said)]
    assert len(said) > 5
    assert all(AGAIN_MS <= gap < QUIET_MS / 2 for gap in gaps)


def test_an_alarm_that_the_terminal_clears_itself_is_not_said_again() -> None:
    edges = Edges()
    assert [n for n in range(180) if edges.rising(n * 10 * SECOND, [EMERGENCY])] == [0]


def test_an_older_report_changes_no_edge() -> None:
    edges = Edges()
    assert edges.rising(100 * SECOND, [FATIGUE]) == {"fatigue"}
    assert edges.rising(50 * SECOND, [EMERGENCY]) == set()
    assert edges.rising(105 * SECOND, [FATIGUE]) == set()


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.booleans()), max_size=60))
def test_each_rising_edge_is_one_finding(steps: list[tuple[int, bool, bool]]) -> None:
    edges, time, before = Edges(), 0, (False, False)
    for seconds, fatigue, emergency in steps:
        time += seconds * SECOND
        said = edges.rising(time, [one for one, on in ((FATIGUE, fatigue), (EMERGENCY, emergency)) if on])
        assert ("emergency" in said) == (emergency and not before[1])
        if fatigue and not before[0]:
            assert "fatigue" in said
        before = (fatigue, emergency)


def test_the_past_is_compared_with_the_past() -> None:
    edges = Edges()
    steps = [(1, True), (2, True), (3, False), (4, True), (1, True), (2, True)]
    assert [bool(edges.began(time, ["fatigue"] if on else [])) for time, on in steps] == [
        True, False, False, True, True, False,
    ]  # fmt: skip
    assert edges.rising(9, [FATIGUE]) == {"fatigue"}


def test_marks_are_known_again_and_forgotten_in_time() -> None:
    edges = Edges()
    assert edges.first(b"a")
    assert not edges.first(b"a")
    assert all(edges.first(b"%d" % number) for number in range(1000))
    assert len(edges.marks) <= 64


def test_what_is_live_follows_the_register() -> None:
    assert live(0, LIVE_MS, 0)
    assert not live(0, LIVE_MS + 1, 0)
    assert live(0, 3 * LIVE_MS, 3 * LIVE_MS)
