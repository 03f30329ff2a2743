"""Limits by name: which names there are, what they mean at a station on a day, and what a wrong one is told."""

from datetime import date, datetime
from math import inf
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from hub.catalogue import Catalogue, Datastream, Device, DevicePut
from hub.errors import ConfigError
from hub.rule import Rule
from hub.rulefiles import parse_rule
from hub.standards import named
from hub.standards.facts import facts_of, mildest_limits
from hub.standards.named import Facts
from hub.standards.permit import PermitLimit

SITE = ZoneInfo("Asia/Shanghai")
PLAIN = Facts()


def on(day: date, reference: str, name: str, facts: Facts = PLAIN) -> tuple[float, float, str]:
    """Below, above and source at the site's noon."""
    found = named.bounds(reference, name, facts, SITE)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=SITE).timestamp() * 1000
    place = sum(since <= at for since in found.since) - 1
    return found.below[place], found.above[place], found.source[place]


@pytest.mark.parametrize(
    ("reference", "name", "facts", "below", "above"),
    [
        ("gb3838:III", "nh3_n", Facts(), -inf, 1.0),
        ("gb3838:III", "do", Facts(), 5.0, inf),
        ("gb3838:I", "do", Facts(), 7.5, inf),
        ("gb3838:III", "ph", Facts(), 6.0, 9.0),
        ("gb3838:III", "tp", Facts(), -inf, 0.2),
        ("gb3838:III", "tp", Facts("lake"), -inf, 0.05),
        ("gb3838:III", "tn", Facts("lake"), -inf, 1.0),
        ("gb3838:III", "tn", Facts("river"), -inf, inf),
        ("gb3838:target", "nh3_n", Facts("river", "II"), -inf, 0.5),
        ("gb3838:target", "nh3_n", Facts("river"), -inf, inf),
        ("gb3838:V", "mercury", Facts(unit="ug/L"), -inf, 1.0),
        ("gb3838:V", "mercury", Facts(unit="NTU"), -inf, inf),
        ("gb3095:1:hour", "o3", Facts(), -inf, 160.0),
        ("gb3095:2:8h", "o3", Facts(unit="mg/m3"), -inf, 0.16),
        ("gb3095:2:hour", "co", Facts(), -inf, 10.0),
        ("permit", "cod", Facts(), -inf, inf),
        ("permit", "cod", Facts(limits=(PermitLimit("A", 50), PermitLimit("B", 40, basis="day"))), -inf, 40.0),
        ("permit:hour", "cod", Facts(limits=(PermitLimit("A", 50), PermitLimit("B", 40, basis="day"))), -inf, 50.0),
        ("permit", "ph", Facts(limits=(PermitLimit("A", 9, 6),)), 6.0, 9.0),
    ],
)
def test_a_name_means_what_the_station_makes_of_it(
    reference: str, name: str, facts: Facts, below: float, above: float
) -> None:
    found = on(date(2026, 11, 1), reference, name, facts)
    assert found[0] == below
    assert found[1] == pytest.approx(above)


def test_means_that_a_logger_sends_have_the_limits_of_their_property() -> None:
    assert on(date(2026, 11, 1), "gb3095:2:day", "pm2_5_day")[1] == 60
    assert on(date(2026, 11, 1), "gb3838:III", "do_hour")[:2] == (5.0, inf)
    assert named.problem("gb3095:2:day", "pm2_5_day_sum") is not None
    assert named.problem("permit", "flue_gas_flow_hour_sum") is None
    assert named.plain_names("so2_converted_hour") == ("so2_converted_hour", "so2_converted", "so2")
    assert named.plain_names("cod_day_sum") == ("cod_day_sum",)
    assert named.plain_names("my_own") == ("my_own",)


def test_a_permit_is_looked_for_along_what_a_property_is_derived_from() -> None:
    streams = {
        "cod": Datastream(limits=(PermitLimit("A", 0.05),), unit="g/L"),
        "so2_converted": Datastream(limits=(PermitLimit("B", 35.0),), unit="mg/m3"),
        "nh3_n_hour": Datastream(unit="ug/L"),
        "nh3_n": Datastream(limits=(PermitLimit("C", 8.0),)),
    }
    catalogue = Catalogue()
    catalogue.apply(DevicePut(Device("env/source/o1", datastreams=streams, target_class="II")))
    wanted = {"cod": 0.05, "cod_hour": 50.0, "so2_converted_hour": 35_000.0, "so2": inf, "nh3_n_hour": 8000.0}
    for name, above in wanted.items():
        facts = facts_of(catalogue, "env/source/o1", name)
        assert on(date(2026, 11, 1), "permit", name, facts)[1] == pytest.approx(above), name
    assert facts_of(catalogue, "env/source/nobody", "cod") == PLAIN


@pytest.mark.parametrize(
    ("day", "above", "source"),
    [
        (date(2015, 12, 31), inf, ""),
        (date(2016, 1, 1), 75, "GB 3095-2012 (gb3095:2:day)"),
        (date(2026, 2, 28), 75, "GB 3095-2012 (gb3095:2:day)"),
        (date(2026, 3, 1), 60, "GB 3095-2026 (gb3095:2:day)"),
        (date(2030, 12, 31), 60, "GB 3095-2026 (gb3095:2:day)"),
        (date(2031, 1, 1), 50, "GB 3095-2026 (gb3095:2:day)"),
    ],
)
def test_an_edition_holds_to_the_end_of_its_last_day(day: date, above: float, source: str) -> None:
    assert on(day, "gb3095:2:day", "pm2_5") == (-inf, above, source)


def test_the_limits_of_a_rule_at_many_times() -> None:
    rule = Rule("r", 1, "level", property="pm2_5", above={1: 150.0}, limits={3: "gb3095:2:day", 4: "permit"})
    facts = Facts(limits=(PermitLimit("A", 65, 2, valid_from=date(2026, 3, 2)),))
    march = 1_772_294_400_000
    below, above = mildest_limits(rule, facts, SITE, np.array([0, march - 1, march, march + 86_400_000]))
    assert above.tolist() == [150, 75, 60, 60]
    assert below.tolist() == [-inf, -inf, -inf, 2]


def test_days_begin_at_the_site_s_midnight() -> None:
    found = named.bounds("gb3095:2:day", "pm2_5", Facts(), SITE)
    assert 1_772_294_400_000 in found.since  # 2026-03-01T00:00+08:00
    assert found.since == tuple(sorted(found.since))


def test_permits_follow_each_other_and_leave_no_limit_behind() -> None:
    first = PermitLimit("A", 50, valid_from=date(2025, 1, 1), valid_to=date(2026, 3, 31))
    second = PermitLimit("B", 40, edition="2026", clause="3", valid_from=date(2026, 4, 1), valid_to=date(2026, 4, 1))
    facts = Facts(limits=(second, first))
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 2))
    assert [on(day, "permit", "cod", facts)[1:] for day in days] == [
        (inf, ""),
        (50, "A"),
        (50, "A"),
        (40, "B 2026 3"),
        (inf, ""),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('limit = "gb3095:2:hour"', "says nothing of 'pm2_5'; expected one of gb3095:1:day, gb3095:1:year"),
        ('limit = "gb3838:VI"', 'expected "gb3838:CLASS" (I to V, or target)'),
        ("limit = 5", 'expected "gb3838:CLASS" (I to V, or target)'),
        ('limit = { 5 = "gb3095:2:day" }', "or a table such as"),
        ('limit = "gb3095:2:day"\nlevel = 5', "expected 1-4"),
        ('limit = { 3 = "gb3095:2:day" }\nlevel = 2', "goes with limit"),
        ("level = 2\nabove = { 3 = 5.0 }", "goes with limit"),
        ('limit = "gb3095:2:day"\nabove = { 3 = 5.0 }', "has a number"),
        ('limit = { 2 = "gb3095:1:day", 3 = "gb3095:2:day" }', "needs a limit further out"),
    ],
)
def test_a_wrong_limit_is_told_with_line_and_expected_form(words: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rule(f'targets = ["*/air/*"]\nproperty = "pm2_5"\n{words}\n', "bad.toml", "bad")
    (fault,) = caught.value.faults
    assert told in fault.message
    assert fault.line >= 3


def test_a_rule_refuses_a_name_that_says_nothing_of_its_property() -> None:
    with pytest.raises(ValueError, match="says nothing of 'pm2_5'"):
        Rule("r", 1, "level", property="pm2_5", limits={3: "gb3838:III"})
    with pytest.raises(ValueError, match="has a number and a standard's limit"):
        Rule("r", 1, "level", property="nh3_n", above={3: 1.0}, limits={3: "gb3838:III"})


def test_a_device_keeps_its_permits_through_the_bus() -> None:
    limit = PermitLimit("A", 50, clause="3", valid_from=date(2025, 1, 1), basis="day")
    device = Device("env/source/o1", datastreams={"cod": Datastream(limits=(limit,))}, target_class="III")
    assert msgspec.json.decode(msgspec.json.encode(device), type=Device) == device


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"above": None},
        {"above": inf},
        {"above": 5.0, "below": 5.0},
        {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 31)},
    ],
)
def test_a_permit_s_limit_checks_itself(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        PermitLimit(**{"name": "A", "above": 50.0, **wrong})  # type: ignore[arg-type]
