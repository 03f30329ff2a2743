"""The shared words check themselves, and agree with the outside where it has a say."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.alert import AlertTransition, Target, alert_id, decode_transition, encode_transition
from hub.clock import parse_rfc3339, rfc3339
from hub.errors import CorruptRecord
from hub.model import Check, Condition, Station
from hub.partition import murmur2, partition_of
from hub.rule import Rule, Selector
from hub.secret import hash_secret, new_secret, verify_secret


@pytest.mark.parametrize(
    ("key", "digest"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
    ],
)
def test_murmur2_is_the_one_of_kafkas_java_client(key: bytes, digest: int) -> None:
    # Values of Kafka's own UtilsTest.
    assert murmur2(key) == digest % 2**32


@given(st.binary(), st.integers(1, 64))
def test_a_partition_lies_within_the_topic(key: bytes, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions


@pytest.mark.parametrize(
    "text",
    ["a/b", "Zhenhai/water/W1", "zhenhai/fire/W1", "zhenhai/water/", "zhenhai/water/a b", "zhenhai/water/" + "x" * 65],
)
def test_what_is_no_station_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Station.parse(text)


def test_a_station_reads_as_it_is_written() -> None:
    assert str(Station.parse("zhenhai/water/W-01.a:b")) == "zhenhai/water/W-01.a:b"


def test_checks_are_told_in_the_words_of_the_interface() -> None:
    assert (Check.RANGE | Check.TIME_ASSUMED).words() == ["range", "time_assumed"]


@given(st.integers(0, 4_102_444_800_000))
def test_a_time_survives_being_shown_and_read(moment: int) -> None:
    for zone in ("Asia/Shanghai", "UTC", "America/New_York"):
        assert parse_rfc3339(rfc3339(moment, ZoneInfo(zone))) == moment


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        parse_rfc3339("2026-11-23T10:41:20")


def test_an_alert_id_depends_on_rule_target_and_start_alone() -> None:
    target = Target("zhenhai", "water", "W01", "nh3_n")
    assert alert_id("r", target, 5) == alert_id("r", target, 5)
    others = {
        alert_id("s", target, 5),
        alert_id("r", target, 6),
        alert_id("r", Target("zhenhai", "water", "W01"), 5),
        alert_id("r", target, 5, backfilled=True),
    }
    assert alert_id("r", target, 5) not in others
    assert len(others) == 4


def test_a_transition_comes_back_as_it_was() -> None:
    transition = AlertTransition(
        "id", 2, "r", 1, Target("d", "water", "x", "ph"), 2, Condition.ACTIVE, 5, 6, 4, fired=5, value=9.5, limit=9.0
    )
    assert decode_transition(encode_transition(transition)) == transition
    with pytest.raises(CorruptRecord):
        decode_transition(b'{"id": 3}')


def test_a_secret_is_known_again_and_another_is_not() -> None:
    secret = new_secret()
    assert verify_secret(secret, hash_secret(secret))
    assert not verify_secret(secret + "x", hash_secret(secret))
    assert not verify_secret(secret, "$7$nonsense")
    assert not verify_secret(secret, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"above": {5: 1.0}},
        {"above": {}},
        {"above": {1: float("nan")}},
        {"above": {1: 1.0}, "deadband": -1.0},
        {"above": {1: 1.0}, "accept": ("X",)},
        {"above": {1: 1.0}, "property": ""},
    ],
)
def test_a_rule_that_cannot_be_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="rule 'r'"):
        Rule(**{"id": "r", "version": 1, "kind": "level", "property": "ph", **wrong})  # type: ignore[arg-type]


def test_a_rule_looks_at_the_stations_its_selectors_name() -> None:
    rule = Rule("r", 1, "level", (Selector("zhen*", "water", "W0[1-3]"),), property="ph", above={1: 9.0})
    assert rule.matches("zhenhai/water/W02")
    assert not rule.matches("zhenhai/water/W04")
    assert not rule.matches("zhenhai/air/W02")
