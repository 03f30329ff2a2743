"""A partition whose worker stands still is told from one that is slow, idle, or given to another worker."""

from hub.buses.watchdog import OTHERS, Standstill

_PLACE, _OTHER = ("topic", 0), ("topic", 1)


def test_a_growing_topic_is_no_progress() -> None:
    seen = Standstill(60)
    assert not any(seen.look(now, {_PLACE: 5 + now}, {_PLACE: 10}) for now in range(0, 61, 2))
    assert seen.look(62, {_PLACE: 70}, {_PLACE: 10}) == {_PLACE}


def test_one_dead_partition_among_moving_ones_is_enough() -> None:
    seen = Standstill(60)
    found = [seen.look(now, {_PLACE: 3, _OTHER: 3}, {_PLACE: 7, _OTHER: now}) for now in range(0, 64, 2)]
    assert not any(found[:-1])
    assert found[-1] == {_PLACE}


def test_a_commit_however_small_is_movement() -> None:
    seen = Standstill(60)
    assert not any(seen.look(now, {_PLACE: 9}, {_PLACE: 10 + now // 60}) for now in range(0, 600, 2))


def test_a_group_that_never_commits_stands_still() -> None:
    seen = Standstill(60)
    seen.look(0, {_PLACE: 9}, {})
    assert seen.look(61, {_PLACE: 9}, {}) == {_PLACE}


def test_nothing_to_read_is_no_stall_and_the_count_begins_with_the_lag() -> None:
    seen = Standstill(60)
    assert not any(seen.look(now, {_PLACE: 0}, {_PLACE: 10}) for now in range(0, 600, 2))
    assert not seen.look(600, {_PLACE: 1}, {_PLACE: 10})
    assert not seen.look(658, {_PLACE: 1}, {_PLACE: 10})
    assert seen.look(659, {_PLACE: 1}, {_PLACE: 10}) == {_PLACE}


def test_a_rebalance_begins_anew_with_what_it_gives() -> None:
    seen = Standstill(60)
    lags, committed = {_PLACE: 3, _OTHER: 3}, {_PLACE: 7, _OTHER: 7}
    assert not seen.look(0, lags, committed, mine={_PLACE})
    assert seen.look(61, lags, committed, mine={_PLACE}) == {_PLACE}, "the other's worker has not had its time"
    assert not seen.look(100, lags, committed, mine={_OTHER})
    assert not seen.look(160, lags, committed, mine={_OTHER})
    assert seen.look(161, lags, committed, mine={_OTHER}) == {_OTHER}


def test_a_partition_that_nobody_reads_is_noticed_later() -> None:
    seen = Standstill(60)
    assert not any(seen.look(now, {_PLACE: 3}, {_PLACE: 7}, mine=()) for now in range(0, 60 * OTHERS + 1, 2))
    assert seen.look(60 * OTHERS + 1, {_PLACE: 3}, {_PLACE: 7}, mine=()) == {_PLACE}


def test_a_bus_that_was_away_is_forgotten() -> None:
    seen = Standstill(60)
    seen.look(0, {_PLACE: 3}, {_PLACE: 7})
    seen.forget()
    assert not seen.look(100, {_PLACE: 3}, {_PLACE: 7})
