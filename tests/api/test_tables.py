"""Files hold what was asked, every row of it."""

import csv
import io
import random

from api.formats import CSV, XLSX
from api.parquet import ParquetWriter
from api.tables import Table, table_response
from tests.api.hub import NOW, WATER, Hub
from tests.api.parquet import read_parquet


def test_parquet_is_read_back_as_it_was_written() -> None:
    chance = random.Random(1)
    rows = [
        (
            chance.choice([None, "", "st-1", "氨氮", "x" * 300]),
            chance.choice([None, 0.0, -1.5, chance.random(), 1e300]),
            str(number),
        )
        for number in range(50_000 + 123)
    ]
    file = io.BytesIO()
    writer = ParquetWriter(file, ("name", "value", "number"), frozenset({"value"}), {"zone": "UTC", "unit": "毫克"})
    for start in range(0, len(rows), 7_000):
        writer.write(rows[start : start + 7_000])
    writer.close()
    found, about = read_parquet(file.getvalue())
    assert [tuple(row.values()) for row in found] == rows
    assert about == {"zone": "UTC", "unit": "毫克"}


def test_an_empty_table_is_a_file_too() -> None:
    file = io.BytesIO()
    ParquetWriter(file, ("a",), frozenset(), {}).close()
    assert read_parquet(file.getvalue()) == ([], {})
    for form in (CSV, XLSX):
        assert table_response(Table("none", ("a",), [], "UTC"), form).status_code == 200


def test_parquet_of_a_hub_says_the_same_as_its_json(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0, 7.5], "nh3_n": [1.0, 2.0]}, [NOW - 60_000, NOW], quality=[0, 2])
    rows, about = read_parquet(hub.get("/v1/observations?format=parquet").content)
    items = hub.get("/v1/observations").json()["items"]
    assert [(row["time"], row["value"], row["quality"], row["unit"]) for row in rows] == [
        (item["time"], item["value"], item["quality"], item["unit"]) for item in items
    ]
    assert (about["zone"], "N F M S D C T B" in about["quality"]) == ("Asia/Shanghai", True)


def test_text_that_a_spreadsheet_would_run_is_defused(hub: Hub) -> None:
    for name in ("=1+1", "@x", "+y", "-5", "plain"):
        body = {"station": f"north/water/d{ord(name[0])}", "name_en": name}
        assert hub.post("/v1/devices", body).status_code == 201
    names = {row["name_en"] for row in csv.DictReader(io.StringIO(hub.get("/v1/stations?format=csv").text))}
    assert names >= {"'=1+1", "'@x", "'+y", "-5", "plain"}
