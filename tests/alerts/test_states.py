"""The states and their arrows, one by one and in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.states import ARROWS, ENDED, FACTS, OPEN, PEOPLE, STATES, Move, Refusal, move


def test_every_state_can_be_left_or_is_an_end() -> None:
    left = {state for (state, act), to in ARROWS.items() if to != state}
    assert set(OPEN) <= left
    assert set(ARROWS.values()) == set(STATES)
    assert {act for _, act in ARROWS} == {*PEOPLE, *FACTS}


@given(st.sampled_from(STATES), st.sampled_from((*PEOPLE, *FACTS)), st.booleans())
def test_what_is_no_arrow_is_refused_and_what_is_missing_is_named(state: str, act: str, lacks: bool) -> None:
    missing = ("a photo",) if lacks else ()
    found = move(state, act, missing)
    if (state, act) in ARROWS and not lacks:
        assert found == Move(ARROWS[state, act], act in {"breached", "worse", "reopen"})
    else:
        assert isinstance(found, Refusal)
    if (state, act) in ARROWS and lacks:
        assert found == Refusal(missing)


@given(st.lists(st.sampled_from((*PEOPLE, *FACTS)), max_size=30))
def test_an_end_is_only_left_by_reopening_or_by_what_comes_back(acts: list[str]) -> None:
    state = "detected"
    for act in acts:
        found = move(state, act)
        if isinstance(found, Move):
            if state in ENDED and found.to != state:
                assert act in {"reopen", "worse", "breached", "close"}
                assert (act == "close") == (found.to == "closed")
            state = found.to
        assert state in STATES


@pytest.mark.parametrize("state", [*OPEN, "solved"])
def test_a_leader_closes_whatever_is_missing(state: str) -> None:
    assert move(state, "close", ("a photo",), override=True) == Move("closed")


@pytest.mark.parametrize("state", ["rejected", "merged", "closed", "self_cleared"])
def test_even_a_leader_does_not_close_what_has_ended(state: str) -> None:
    assert isinstance(move(state, "close", override=True), Refusal)


def test_the_condition_moves_nothing_but_by_its_own_arrows() -> None:
    moved = {(state, act): to for (state, act), to in ARROWS.items() if act in FACTS}
    assert moved == {
        ("detected", "confirmed"): "verified",
        ("detected", "cleared"): "self_cleared",
        ("acknowledged", "ack-expired"): "verified",
        ("verifying", "breached"): "on_site",
        ("solved", "breached"): "verified",
        ("verifying", "proven"): "solved",
        ("closed", "worse"): "detected",
        ("rejected", "worse"): "detected",
        ("self_cleared", "worse"): "detected",
    }
