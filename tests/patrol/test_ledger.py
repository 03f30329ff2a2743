"""The coverage ledger: every stretch once, and periods that are seen, blind and offline to exactly a hundred per cent."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from api.patrol.ledger import buckets, fill, percent
from processors.patrol.ledger import HOUR, Ledger
from processors.patrol.wire import SpanSeen
from storage.records.patrol.coverage import Hour

ZONE = ZoneInfo("Asia/Shanghai")
START = 1_700_000_000_000 // HOUR * HOUR
CAMERA = "north/camera/bridge-1"
spans = st.lists(
    st.tuples(st.integers(0, 4 * HOUR), st.integers(1, HOUR), st.sampled_from(["", "glint", "night"])), max_size=30
)


@given(spans)
def test_no_time_is_counted_twice_and_nothing_is_over_the_hour(given_spans: list[tuple[int, int, str]]) -> None:
    ledger = Ledger()
    for start, length, cause in given_spans:
        ledger.add(SpanSeen(START + start, START + start + length, cause))
    for hour in ledger.written(CAMERA):
        assert 0 < hour.seen_ms + hour.blind_ms <= HOUR
        assert hour.through <= hour.start + HOUR


@given(spans, st.integers(0, 30))
def test_what_is_told_again_after_a_restart_counts_once(given_spans: list[tuple[int, int, str]], cut: int) -> None:
    told = [SpanSeen(START + start, START + start + length, cause) for start, length, cause in given_spans]
    once, again = Ledger(), Ledger()
    for span in told:
        once.add(span)
    for span in (*told[:cut], *told):
        again.add(span)
    if told == sorted(told, key=lambda span: span.end):
        assert again.written(CAMERA) == once.written(CAMERA)


def test_a_lost_state_goes_on_from_what_was_written() -> None:
    ledger = Ledger()
    ledger.go_on_from(Hour(CAMERA, START, 600_000, {"night": 60_000}, START + 660_000))
    ledger.add(SpanSeen(START + 600_000, START + 700_000))
    assert ledger.written(CAMERA) == [Hour(CAMERA, START, 640_000, {"night": 60_000}, START + 700_000)]


@given(st.tuples(*[st.integers(0, 10**9)] * 3))
def test_shares_sum_to_a_hundred(parts: tuple[int, int, int]) -> None:
    shares = percent(parts)
    assert round(sum(shares), 6) == (100.0 if sum(parts) else 0.0)


def test_a_month_by_days_of_the_zone_with_the_rest_offline() -> None:
    first = 1_761_926_400_000  # 2025-11-01T00:00+08:00
    days = buckets(first, first + 30 * 24 * HOUR, "1d", ZONE)
    assert len(days) == 30
    fill(days, [Hour(CAMERA, first + 5 * HOUR, HOUR // 2, {"night": HOUR // 4}, first + 6 * HOUR)], [])
    item = days[0].item(ZONE)
    assert (item["seen_s"], item["blind_s"], item["offline_s"]) == (1800, 900, 23.25 * 3600)
    assert item["seen_percent"] + item["blind_percent"] + item["offline_percent"] == 100.0
    assert item["debris"] == "none"
    assert days[1].item(ZONE)["debris"] == "unknown"
