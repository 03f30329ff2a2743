"""The tables: every breakpoint and limit of every edition, one unit on each side, against the formula in fractions."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
import pytest

from hub.properties import PROPERTIES
from hub.standards import black_odorous, compliance, gb3095, gb3838, hj633, surface_water, validity
from hub.standards.edition import Edition, in_force, load

TABLES: dict[str, tuple[Edition, ...]] = {
    "aqi_categories": hj633.CATEGORIES,
    "black_odorous": black_odorous.GUIDES,
    "gb3095": gb3095.EDITIONS,
    "gb3838": gb3838.EDITIONS,
    "hj633": hj633.EDITIONS,
    "hj663": compliance.EDITIONS,
    "surface_water": surface_water.METHODS,
    "validity_air": validity.AIR,
    "validity_source": validity.SOURCE,
}
FOLDER = Path(gb3838.__file__).parent / "tables"


def test_every_table_is_read_and_says_edition_days_and_clause() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == TABLES.keys()
    for editions in TABLES.values():
        for one in editions:
            assert one.edition
            assert one.clause
            assert one.title_zh
            assert one.title_en


@pytest.mark.parametrize("name", [name for name, editions in TABLES.items() if len(editions) > 1])
def test_an_edition_ends_on_the_day_before_the_next(name: str) -> None:
    editions = TABLES[name]
    for older, newer in pairwise(editions):
        assert older.valid_to == newer.valid_from - timedelta(days=1)
        assert in_force(editions, newer.valid_from) is newer
        assert in_force(editions, newer.valid_from - timedelta(days=1)) is older
    assert in_force(editions, date(1900, 1, 1)) is None


def test_two_editions_on_one_day_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    entry = 'edition = "E"\ntitle_zh = "z"\ntitle_en = "e"\nclause = "1"\nverified = "text"\n'
    text = f"[[edition]]\n{entry}valid_from = 2020-01-01\n[[edition]]\n{entry}valid_from = 2021-01-01\n"
    (tmp_path / "tables" / "twice.toml").write_text(text)
    monkeypatch.setattr("hub.standards.edition.files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="in force on the same day"):
        load("twice", Edition)


COLUMNS = [(edition, column) for edition in hj633.EDITIONS for column in edition.breakpoints]


@pytest.mark.parametrize(("edition", "column"), COLUMNS, ids=lambda one: getattr(one, "edition", one))
def test_every_breakpoint_and_one_unit_around_it(edition: hj633.Hj633, column: str) -> None:
    name = column.rpartition("_")[0]
    unit = Fraction(1, 10 ** edition.decimals[name])
    points = edition.breakpoints[column]
    for point in points:
        for value in (point - unit, Fraction(point), point + unit):
            if value >= 0:
                got = edition.index(name, column, np.array([float(value)]))[0]
                np.testing.assert_equal(got, by_hand(edition, column, value), err_msg=f"{column} {float(value)}")
    assert [edition.index(name, column, np.array([float(point)]))[0] for point in points] == list(
        edition.iaqi[: len(points)]
    )


def by_hand(edition: hj633.Hj633, column: str, value: Fraction) -> float:
    """Formula (1), rounded up."""
    rows = list(zip(edition.breakpoints[column], edition.iaqi, strict=False))
    for (low, index), (high, index_above) in pairwise(rows):
        if low <= value <= high:
            return ceil(Fraction(index_above - index, high - low) * (value - low) + index)
    if len(rows) == len(edition.iaqi):
        return 500
    return edition.beyond.get(column, float("nan"))


ITEMS = [(item, wanted) for item in gb3838.EDITIONS[0].items for wanted in gb3838.CLASSES]


@pytest.mark.parametrize(("item", "wanted"), ITEMS, ids=lambda one: getattr(one, "property", one))
def test_every_class_limit_and_one_unit_around_it(item: gb3838.Item, wanted: gb3838.Class) -> None:
    low, high = item.bounds(wanted)
    unit = 10.0**-item.decimals
    best = gb3838.GRADES.index
    for limit, worse in ((low, -1), (high, 1)):
        if limit is not None:
            assert best(item.grade(limit)) <= best(wanted)
            assert best(item.grade(limit - worse * unit)) <= best(wanted)
            assert best(item.grade(limit + worse * unit)) > best(wanted)


def test_items_are_properties_of_the_catalogue_in_its_units() -> None:
    for item in gb3838.EDITIONS[0].items:
        assert PROPERTIES[item.property].unit == {"ph": "", "faecal_coliform": "/L"}.get(item.property, "mg/L")
    for edition in gb3095.EDITIONS:
        for name in edition.limits:
            assert PROPERTIES[name].unit == ("mg/m3" if name == "co" else "ug/m3")


@pytest.mark.parametrize(
    ("day", "name", "mean", "levels"),
    [
        (date(2026, 2, 28), "pm2_5", "day", (35, 75)),
        (date(2026, 3, 1), "pm2_5", "day", (35, 60)),
        (date(2030, 12, 31), "pm2_5", "day", (35, 60)),
        (date(2031, 1, 1), "pm2_5", "day", (25, 50)),
        (date(2026, 2, 28), "pm10", "day", (50, 150)),
        (date(2026, 3, 1), "pm10", "day", (50, 120)),
        (date(2031, 1, 1), "pm10", "year", (20, 50)),
        (date(2030, 12, 31), "so2", "hour", (150, 500)),
        (date(2031, 1, 1), "so2", "hour", (150, 150)),
        (date(2031, 1, 1), "no2", "day", (50, 50)),
        (date(2026, 3, 1), "o3", "8h", (100, 160)),
        (date(2026, 3, 1), "co", "hour", (10, 10)),
        (date(2030, 12, 31), "nox", "day", (100, 100)),
        (date(2031, 1, 1), "nox", "day", (70, 70)),
    ],
)
def test_air_limits_on_both_sides_of_each_change(
    day: date, name: str, mean: gb3095.Mean, levels: tuple[float, float]
) -> None:
    table = gb3095.table(day)
    assert table is not None
    assert (table.limit(name, mean, 1), table.limit(name, mean, 2)) == levels


def test_before_its_first_edition_a_standard_says_nothing() -> None:
    assert gb3095.table(date(2015, 12, 31)) is None
    assert gb3838.table(date(2002, 5, 31)) is None
    assert hj633.table(date(2015, 12, 31)) is None
