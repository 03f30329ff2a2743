"""Files hold what was asked, every row of it."""

import csv
import io
import random
import zipfile
from datetime import datetime
from itertools import pairwise

import pyarrow.parquet as pq
import pytest

from api.files import sheet
from api.files.table import Row
from api.formats import CSV, PARQUET, XLSX
from api.problem import Problem
from api.tables import Table, write_table
from tests.api.hub import NOW, WATER, Hub


def _rows(count: int) -> list[tuple[str | float | None, ...]]:
    chance = random.Random(1)
    names = (None, "", "st-1", "氨氮", "x" * 300)
    values = (None, 0.0, -1.5, chance.random(), 1e300)
    return [(chance.choice(names), chance.choice(values), str(number)) for number in range(count)]


def test_parquet_is_read_back_as_it_was_written() -> None:
    rows = _rows(450_123)
    chunks = [rows[start : start + 7_000] for start in range(0, len(rows), 7_000)]
    table = Table("t", ("name", "value", "number"), chunks, "UTC", frozenset({"value"}), "毫克")
    pieces = list(write_table(table, PARQUET))
    file = pq.ParquetFile(io.BytesIO(b"".join(pieces)))
    assert [tuple(row.values()) for row in file.read().to_pylist()] == rows
    assert file.num_row_groups > 1
    assert max(map(len, pieces)) < sum(map(len, pieces)) * 0.7, "it is written as it comes"
    about = file.schema_arrow.metadata
    assert (about[b"zone"].decode(), about[b"unit"].decode()) == ("UTC", "毫克")


def test_an_empty_table_is_a_file_too() -> None:
    for form in (CSV, XLSX, PARQUET):
        assert b"".join(write_table(Table("none", ("a",), [], "UTC"), form)), form
    body = b"".join(write_table(Table("none", ("a",), [], "UTC"), PARQUET))
    assert pq.ParquetFile(io.BytesIO(body)).read().num_rows == 0


def test_a_workbook_goes_on_on_another_sheet_and_says_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "SHEET_ROWS", 11)
    monkeypatch.setattr(sheet, "MOST_ROWS", 25)
    rows: list[list[Row]] = [[(str(number),) for number in range(25)]]
    book = zipfile.ZipFile(io.BytesIO(b"".join(write_table(Table("t", ("a",), rows, "UTC"), XLSX))))
    assert sum(name.startswith("xl/worksheets/sheet") for name in book.namelist()) == 3 + 1
    rows[0].append(("one more",))
    with pytest.raises(Problem, match="csv or parquet"):
        list(write_table(Table("t", ("a",), rows, "UTC"), XLSX))


def test_a_workbook_that_is_too_long_is_a_problem_and_no_half_a_file(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 3)
    hub.write(WATER, {"ph": [7.0] * 4}, [NOW - i for i in range(4)])
    answer = hub.get("/v1/observations?format=xlsx")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "format")


def test_parquet_of_a_hub_says_the_same_as_its_json(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0, 7.5], "nh3_n": [1.0, 2.0]}, [NOW - 60_000, NOW], quality=[0, 2])
    file = pq.ParquetFile(io.BytesIO(hub.get("/v1/observations?format=parquet").content))
    rows, items = file.read().to_pylist(), hub.get("/v1/observations").json()["items"]
    assert [(row["time"], row["value"], row["quality"], row["unit"]) for row in rows] == [
        (datetime.fromisoformat(item["time"]), item["value"], item["quality"], item["unit"]) for item in items
    ]
    about = file.schema_arrow.metadata
    assert (about[b"zone"], b"N F M S D C T B" in about[b"quality"]) == (b"Asia/Shanghai", True)


def test_a_file_of_many_periods_is_in_order_and_lacks_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.parts_of.MOST_VALUES", 50)
    times = [NOW - 86_400_000 * 40 + i * 7_200_000 for i in range(480)]
    hub.write(WATER, {"ph": list(range(480)), "nh3_n": list(range(480))}, times)
    rows = list(csv.DictReader(io.StringIO(hub.get("/v1/observations?format=csv").text)))
    assert len(rows) == 960
    assert all(a["time"] <= b["time"] for a, b in pairwise(rows))
    assert sorted(float(row["value"]) for row in rows) == sorted([*map(float, range(480))] * 2)


def test_text_that_a_spreadsheet_would_run_is_defused(hub: Hub) -> None:
    for name in ("=1+1", "@x", "+y", "-5", "plain"):
        body = {"station": f"north/water/d{ord(name[0])}", "name_en": name}
        assert hub.post("/v1/devices", body).status_code == 201
    names = {row["name_en"] for row in csv.DictReader(io.StringIO(hub.get("/v1/stations?format=csv").text))}
    assert names >= {"'=1+1", "'@x", "'+y", "-5", "plain"}
