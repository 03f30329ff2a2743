"""Figures of a month: counted as they would be by hand, on both engines, and honest about what is not over yet."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from alerts.figures.kept import FRESH_MS, OVER_MS, KeptFigures
from alerts.figures.month import figures_of, month_of, span_of
from alerts.figures.views import Figures, StepFigure
from alerts.figures.waits import Wait, Waits, summed_up
from storage.records import Records, open_records
from storage.records.tables import alert, incident
from tests.proof.crowd import DAY, STATES, crowd

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = 1_796_054_400_000  # 2026-12-01T00:00:00+08:00
NOW = BEGIN + 40 * DAY
COUNT = 400


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def records(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    url = "sqlite:///hub.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    opened = open_records(url, tmp_path_factory.mktemp("records"))
    opened.migrate()
    crowd(opened, COUNT, BEGIN + 3_600_000, days=30)
    yield opened
    opened.close()


def _figures(records: Records, month: str = "2026-12", department: str | None = None) -> Figures:
    with records.read() as tx:
        return figures_of(tx, month, ZONE, department=department, now=NOW)


def _step(figures: Figures, step: str) -> StepFigure:
    return next(one for one in figures.steps if (one.step, one.type) == (step, "*"))


def test_the_month_in_a_line(records: Records) -> None:
    totals, share = _figures(records).totals, COUNT // len(STATES)
    assert (totals.incidents, totals.alerts) == (COUNT, COUNT)
    assert (totals.solved, totals.rejected, totals.self_cleared, totals.open) == (17 * share, share, share, share)
    assert _figures(records, "2026-11").totals.incidents == 0
    assert 0 < _figures(records, department="dep-1").totals.incidents < COUNT


def test_steps_are_those_of_the_rows(records: Records) -> None:
    figures, open_ = _figures(records), COUNT // len(STATES)
    detect, notify, solve = (_step(figures, name) for name in ("detect", "notify", "solve"))
    assert (detect.count, detect.median_s, detect.p90_s) == (COUNT, 60.0, 60.0)
    assert (notify.count, notify.median_s) == (COUNT, 0.9)
    assert (solve.count, solve.open) == (COUNT - 2 * open_, open_)
    with records.read() as tx:
        query = select(incident.c.closed - incident.c.opened).where(incident.c.state == "closed")
        lasted = sorted(tx.execute(query).scalars())
    waits = [*map(Wait, lasted), *([Wait(30 * DAY, over=False)] * open_)]
    assert solve.median_s == (summed_up(waits).median or 0) / 1000


def test_nobody_has_arrived_is_not_nobody_waits(records: Records) -> None:
    arrive = _step(_figures(records), "arrive")
    assert (arrive.count, arrive.open, arrive.median_s) == (COUNT // len(STATES), COUNT // len(STATES), None)


def test_load_of_officers(records: Records) -> None:
    officers = _figures(records).officers
    assert sum(one.notices for one in officers) == COUNT
    assert 0 < sum(one.night for one in officers) < COUNT
    assert all(one.busiest_hour >= 1 for one in officers)
    assert len(officers) == 12


def test_false_alarms_by_rule_and_cause(records: Records) -> None:
    rules = _figures(records).rules
    assert sum(one.rejected for one in rules) == COUNT // len(STATES)
    assert rules[0].false_share == round(rules[0].rejected / rules[0].incidents, 4)
    assert set().union(*(one.causes for one in rules)) <= {"sensor fault", "weather", "test"}


def test_chatter_and_stale_are_named(records: Records) -> None:
    with records.begin() as tx:
        tx.execute(update(alert).where(alert.c.rule == "r3").values(device="s1", breach_start=BEGIN + 5))
        tx.execute(update(alert).where(alert.c.id == "ai00000004").values(cleared=BEGIN + 9 * DAY))
    figures = _figures(records)
    worst = figures.worst[0]
    assert (worst.rule, worst.chatter) == ("r3", True)
    assert worst.worst_hour >= 3
    with records.read() as tx:
        fired = tx.execute(select(alert.c.fired).where(alert.c.id == "ai00000004")).scalar_one()
    stale = {one.alert: one for one in figures.stale}
    assert len(stale) == 20
    assert all(one.cleared is None for one in list(stale.values())[:20])
    assert fired < BEGIN + 9 * DAY


@pytest.mark.parametrize(("now", "fresh"), [(BEGIN + 20 * DAY, FRESH_MS), (NOW, OVER_MS)])
def test_figures_are_counted_now_and_then(records: Records, now: int, fresh: int) -> None:
    kept = KeptFigures(records)
    first = kept.figures("2026-12", ZONE, department=None, now=now)
    assert kept.figures("2026-12", ZONE, department=None, now=now + fresh - 1) is first
    assert kept.figures("2026-12", ZONE, department=None, now=now + fresh) is not first
    assert kept.figures("2026-12", ZONE, department="dep-1", now=now) is not first


# --- months


def test_a_month_begins_where_its_zone_says() -> None:
    assert span_of("2026-12", ZONE) == (BEGIN, BEGIN + 31 * DAY)
    start, end = span_of("2026-03", ZoneInfo("America/New_York"))
    assert end - start == 31 * DAY - 3_600_000
    assert month_of(BEGIN, ZONE) == "2026-12"
    assert month_of(BEGIN - 1, ZONE) == "2026-11"
    for wrong in ("2026-13", "2026", "x", "2026-1-1"):
        with pytest.raises(ValueError, match=r"\S"):
            span_of(wrong, ZONE)


# --- waits


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_without_open_waits_they_are_plain_quantiles(lasted: list[int]) -> None:
    whole, ordered = summed_up([Wait(one) for one in lasted]), sorted(lasted)
    count = len(ordered)
    assert whole.median == ordered[-(-count // 2) - 1]
    assert whole.p90 == ordered[-(-count * 9 // 10) - 1]


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), max_size=40))
def test_what_goes_on_never_makes_it_look_quicker(given_: list[tuple[int, bool]]) -> None:
    waits = [Wait(lasted, over) for lasted, over in given_]
    whole = summed_up(waits)
    finished = summed_up([replace(wait, over=True) for wait in waits])
    assert whole.going_on == sum(not wait.over for wait in waits)
    if whole.median is not None and finished.median is not None:
        assert whole.median >= finished.median


def test_the_estimate_of_a_worked_case() -> None:
    # Freireich's 6-MP group, as every text on survival has it: median 23 weeks, nine tenths never reached.
    over = (6, 6, 6, 7, 10, 13, 16, 22, 23)
    still = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
    waits = [*(Wait(one) for one in over), *(Wait(one, over=False) for one in still)]
    assert summed_up(waits) == Waits(21, 12, 23, None)
    assert summed_up([]) == Waits(0, 0, None, None)
