"""Cases open, update and close in this order, once each, under names of their own, whatever is claimed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from vision.events.event import Facts
from vision.rules.claim import Claim, Timing
from vision.rules.episode import Change, Episodes

STEP = 1000


def claim(
    subject: str, since: int, *, east: float = 0.0, opens: bool = True, group: str = "", area: float = 1.0
) -> Claim:
    facts = Facts(score=0.8, area_m2=area, size_m=0.5)
    return Claim(
        subject=subject, since=since, opens=opens, group=group, space="m", place=(east, 20.0), still=True, facts=facts
    )


def run(cases: Episodes, frames: list[list[Claim]], first: int = 1) -> list[list[str]]:
    told: list[list[str]] = []
    for number, claims in enumerate(frames, first):
        changes, _ = cases.step(number * STEP, STEP, claims)
        told.append([change.edge for change in changes])
    return told


def test_a_claim_must_hold_before_it_opens_and_be_gone_before_it_closes() -> None:
    cases = Episodes(Timing(on_s=3, off_s=2, cooldown_s=0), 0, 1)
    assert run(cases, [[claim("a", 1)]] * 5) == [[], [], [], ["open"], []]
    assert run(cases, [[], [claim("a", 1)], [], [], []], 6) == [[], [], [], ["close"], []]


def test_what_only_keeps_open_opens_nothing() -> None:
    cases = Episodes(Timing(on_s=0, off_s=1, cooldown_s=0), 0, 1)
    assert run(cases, [[claim("a", 1, opens=False)]] * 3) == [[], [], []]
    assert run(cases, [[claim("a", 1)], [claim("a", 1, opens=False)], [], []], 4) == [["open"], [], ["close"], []]


def test_neighbours_are_one_event_and_the_far_one_another() -> None:
    cases = Episodes(Timing(merge_m=1.5), 300, 1)
    frames = [[claim("a", 1)], [claim("a", 1), claim("b", 2, east=1.0)], [claim("a", 1), claim("c", 3, east=9.0)]]
    assert run(cases, frames) == [["open"], [], ["open"]]
    assert [one.members for one in cases.all] == [("a", "b"), ("c",)]


def test_the_same_place_cools_down_and_then_opens_under_a_new_name() -> None:
    cases = Episodes(Timing(off_s=1, merge_m=1.5), 5, 1)
    frames = [[claim("a", 1)], [], [claim("b", 3)], *[[claim("b", 3)]] * 5]
    told = run(cases, frames)
    assert told[:3] == [["open"], ["close"], []]
    assert sum(edge == ["open"] for edge in told) == 2


def test_more_of_it_is_an_update_and_an_acknowledged_one_is_quiet() -> None:
    cases = Episodes(Timing(update_s=60), 0, 1)
    grown = [[claim("a", 1)]] * 6 + [[claim("a", 1, area=3.0)]]
    assert run(cases, grown)[-1] == ["update"]
    assert cases.judge(1, 0, "acknowledged")
    assert run(cases, [[claim("a", 1, area=9.0)]] * 70, 8) == [[]] * 70
    assert run(cases, [[]] * 6, 78)[4] == ["close"]


def test_a_rejected_one_closes_and_the_still_thing_is_not_told_again() -> None:
    cases = Episodes(Timing(merge_m=1.5), 0, 1)
    run(cases, [[claim("a", 1)]])
    assert cases.judge(1, 0, "rejected")
    assert run(cases, [[claim("a", 1)], *[[claim("b", 3)]] * 30], 2) == [["close"], *[[]] * 30]


CLAIMS = st.lists(
    st.builds(
        claim,
        st.sampled_from("abcd"),
        st.integers(0, 3),
        east=st.sampled_from((0.0, 1.0, 8.0)),
        opens=st.booleans(),
        group=st.sampled_from(("", "", "zone")),
    ),
    max_size=3,
    unique_by=lambda one: one.subject,
)
FRAMES = st.lists(CLAIMS, max_size=30)
TIMINGS = st.builds(
    Timing,
    on_s=st.sampled_from((0.0, 2.0)),
    off_s=st.sampled_from((0.0, 1.0, 3.0)),
    cooldown_s=st.sampled_from((0.0, 4.0)),
    merge_m=st.sampled_from((0.0, 1.5)),
)


def changes_of(cases: Episodes, frames: list[list[Claim]], first: int = 1) -> list[Change]:
    return [change for n, claims in enumerate(frames, first) for change in cases.step(n * STEP, STEP, claims)[0]]


@settings(max_examples=80, deadline=None)
@given(TIMINGS, FRAMES)
def test_nothing_is_closed_before_it_is_opened_and_no_name_comes_twice(
    timing: Timing, frames: list[list[Claim]]
) -> None:
    state: dict[tuple[int, int], str] = {}
    for change in changes_of(Episodes(timing, 0, 1), frames):
        name = change.episode.since, change.episode.birth
        if change.edge == "open":
            assert name not in state
        else:
            assert state[name] == "open"
        state[name] = "closed" if change.edge == "close" else "open"


@settings(max_examples=60, deadline=None)
@given(TIMINGS, FRAMES, st.integers(0, 30))
def test_it_goes_on_from_any_frame_as_if_nothing_had_been(
    timing: Timing, frames: list[list[Claim]], split: int
) -> None:
    first, second = Episodes(timing, 0, 1), Episodes(timing, 0, 1)
    before = changes_of(first, frames[:split])
    second.all, second.past = first.all, first.past
    rest = changes_of(second, frames[split:], min(split, len(frames)) + 1)
    assert before + rest == changes_of(Episodes(timing, 0, 1), frames)


def test_finishing_closes_what_is_open() -> None:
    cases = Episodes(Timing(), 0, 1)
    run(cases, [[claim("a", 1)]])
    assert [one.closed for one in cases.finish(9000)] == [9000]
    assert cases.all == ()
