"""Times that devices write."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.clock import parse_rfc3339, rfc3339
from hub.errors import Refused
from ingest.times import parse

SHANGHAI = ZoneInfo("Asia/Shanghai")


@given(st.integers(946_684_800_000, 4_102_444_800_000))
def test_what_the_hub_writes_it_reads(time: int) -> None:
    assert parse(rfc3339(time, SHANGHAI), None) == time == parse_rfc3339(rfc3339(time, SHANGHAI))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T08:00:00+08:00", 1_767_225_600_000),
        ("2026-01-01t00:00:00z", 1_767_225_600_000),
        ("2026-01-01 00:00:00.5Z", 1_767_225_600_500),
        ("2025-12-31T23:59:60Z", 1_767_225_600_000),
        ("2026-01-01T00:00:00.0009Z", 1_767_225_600_000),
        ("2026-01-01T00:00:00-00:00", 1_767_225_600_000),
    ],
)
def test_forms_of_rfc3339(text: str, expected: int) -> None:
    assert parse(text, None) == expected


@pytest.mark.parametrize(
    "text",
    ["2026-01-01", "20260101T000000Z", "2026-01-01T00:00Z", "2026-01-01T24:00:00Z", "now", "", "２026-01-01T00:00:00Z"],
)
def test_what_is_not_rfc3339(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(text, "Asia/Shanghai")
    assert refused.value.reason == "bad_time"


def test_the_registers_zone_is_used_only_without_offset() -> None:
    assert parse("2026-01-01T08:00:00", "Asia/Shanghai") == parse("2026-01-01T00:00:00Z", "Asia/Shanghai")


def test_a_zone_that_does_not_exist() -> None:
    with pytest.raises(Refused, match="not known"):
        parse("2026-01-01T08:00:00", "Mars/Olympus")
