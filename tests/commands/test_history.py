"""`hub history` as a person uses it: files in, questions, files out; all of a file or nothing of it."""

import csv
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hub.buses import open_bus
from hub.clock import SystemClock
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.topics import IMPORTS, OBSERVATIONS, topics
from processors.series_role import SeriesKeeper
from storage import open_series
from tests.commands.running import hub

HEADER = "department,kind,device,property,time,value,quality"
ASKED = "observations?from=2025-01-01&to=2025-01-02&limit=10000"


def rows(count: int = 100, device: str = "W01") -> list[str]:
    return [
        f"env,water,{device},{name},2025-01-01T{at // 60:02d}:{at % 60:02d}:00+08:00,{at / 7:.3f},{'N' if at % 3 else 'M'}"
        for at in range(count)
        for name in ("do", "nh3_n")
    ]


def file_of(path: Path, lines: list[str], header: str = HEADER) -> str:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return str(path)


def asked(data: Path, question: str = ASKED, *more: str) -> str:
    done = hub("history", "query", question, "--data", str(data), *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_exported_is_imported_as_it_was(tmp_path: Path, form: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    done = hub("history", "import", file_of(tmp_path / "a.csv", rows()), "--data", str(first), "--json")
    told = json.loads(done.stdout)
    assert (told["imported"], told["rows"], told["values"], told["bad"]) == (True, 200, 200, 0)
    assert (told["first"], told["last"]) == ("2025-01-01T00:00:00+08:00", "2025-01-01T01:39:00+08:00")
    assert told["not_registered"] == ["env/water/W01"]
    out = tmp_path / f"out.{form}"
    assert hub("history", "export", str(out), "--data", str(first)).returncode == 0
    assert hub("history", "import", str(out), "--data", str(second)).returncode == 0
    assert asked(first) == asked(second)
    items = json.loads(asked(first))["items"]
    assert len(items) == 200
    assert {item["quality"] for item in items} == {"N", "M"}


def test_the_same_file_again_changes_nothing_and_a_correction_stands(tmp_path: Path) -> None:
    data, file = tmp_path / "data", file_of(tmp_path / "a.csv", rows())
    for _ in range(2):
        assert hub("history", "import", file, "--data", str(data)).returncode == 0
    before = json.loads(asked(data))["items"]
    assert len(before) == 200
    file_of(tmp_path / "a.csv", ["env,water,W01,do,2025-01-01T00:00:00+08:00,9.5,"])
    assert hub("history", "import", file, "--data", str(data)).returncode == 0
    after = json.loads(asked(data))["items"]
    assert (len(after), after[0]["value"], after[0]["quality"]) == (200, 9.5, "")
    assert after[1:] == before[1:]


BAD = [
    ("env,water,W01,do,2025-01-01T00:00:00+08:00,much,N", "value", "much", "a number"),
    ("env,water,W01,do,2025-01-01T00:00:00,7,N", "time", "2025-01-01T00:00:00", "with its offset"),
    ("env,water,W01,do,2025-02-30T00:00:00Z,7,N", "time", "2025-02-30T00:00:00Z", "a time such as"),
    ("env,water,W01,do,2999-01-01T00:00:00Z,7,N", "time", "2999-01-01T00:00:00Z", "not in the future"),
    ("env,water,W01,d!,2025-01-01T00:00:00Z,7,N", "property", "d!", "[a-z]"),
    ("env,water,W01,magic,2025-01-01T00:00:00Z,7,N", "property", "magic", "docs/properties.md"),
    ("env,fire,W01,do,2025-01-01T00:00:00Z,7,N", "department/kind/device", "env/fire/W01", "one of water"),
    ("env,water,W01,do,2025-01-01T00:00:00Z,7,X", "quality", "X", "N F M S D C T B"),
    ("env,water,W01,do,2025-01-01T00:00:00Z,inf,N", "value", "inf", "a number"),
    ("env,water,W01,do", "", "4 columns", "7 columns"),
]


def test_every_bad_row_is_named_and_nothing_is_imported(tmp_path: Path) -> None:
    data, good = tmp_path / "data", rows(3)
    lines = [*good, "", *(line for line, *_ in BAD), *good]
    done = hub("history", "import", file_of(tmp_path / "a.csv", lines), "--data", str(data), "--json")
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert (told["imported"], told["bad"], told["values"]) == (False, len(BAD), 12)
    for number, (one, (_, column, value, expected)) in enumerate(zip(told["errors"], BAD, strict=True), len(good) + 3):
        assert (one["line"], one["column"], one["value"]) == (number, column, value)
        assert expected in one["expected"]
    assert json.loads(asked(data))["items"] == []
    said = hub("history", "import", str(tmp_path / "a.csv"), "--data", str(data)).stdout
    assert "line 9: value: 'much': expected a number" in said
    assert "nothing was imported" in said


def test_of_many_mistakes_the_rest_is_in_a_file(tmp_path: Path) -> None:
    lines = [f"env,water,W01,do,2025-01-01T00:00:00Z,bad{number},N" for number in range(1000)]
    done = hub("history", "import", file_of(tmp_path / "a.csv", lines), "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert done.stdout.count("\n") < 30
    listed = list(csv.DictReader((tmp_path / "a.csv.errors.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["line"], row["value"]) for row in listed] == [(str(n + 2), f"bad{n}") for n in range(1000)]
    errors = tmp_path / "elsewhere.csv"
    hub("history", "import", str(tmp_path / "a.csv"), "--errors", str(errors), "--data", str(tmp_path / "data"))
    assert len(errors.read_text(encoding="utf-8-sig").splitlines()) == 1001


def test_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = hub("history", "import", file_of(tmp_path / "a.csv", rows()), "--dry-run", "--data", str(data))
    assert (done.returncode, "200 values" in done.stdout, "dry run" in done.stdout) == (0, True, True)
    assert json.loads(asked(data))["items"] == []


@contextmanager
def series_part(data: Path) -> Iterator[None]:
    """The part that writes the store, as it runs in a hub."""
    stop = threading.Event()
    with open_bus("embedded://", data) as bus:
        bus.ensure_topics(topics(1))
        follower = CatalogueFollower(bus)
        follower.start()
        clock, store = SystemClock(), open_series("embedded://", data)
        part = SeriesKeeper(bus, follower, lambda: store, HealthFile(data, "series", clock), clock)
        thread = threading.Thread(target=part.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            follower.close()


def test_beside_a_running_hub_it_goes_where_no_rule_looks(tmp_path: Path) -> None:
    data, file = (
        tmp_path / "data",
        file_of(tmp_path / "a.csv", [*rows(), *rows(20, "W02"), rows(1)[0].replace(",0.000", ",55")]),
    )
    hub("devices", "list", "--data", str(data))
    with series_part(data):
        assert hub("history", "import", file, "--data", str(data)).returncode == 0
        beside = asked(data)
        with open_bus("embedded://", data) as bus:
            assert sum(bus.ends(IMPORTS).values()) > 0
            assert sum(bus.ends(OBSERVATIONS).values()) == 0
    alone = tmp_path / "alone"
    assert hub("history", "import", file, "--data", str(alone)).returncode == 0
    assert asked(alone) == beside
    items = json.loads(beside)["items"]
    assert len(items) == 240
    assert [item["checks"] for item in items if item["checks"]] == [["range"]], (
        "no value is late for having been imported"
    )


def test_windows_are_exported_too(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "hours.parquet"
    hub("history", "import", file_of(tmp_path / "a.csv", rows()), "--data", str(data))
    words = ("--every", "1h", "--agg", "mean,count", "--from", "2025-01-01", "--to", "2025-01-02", "--property", "do")
    assert hub("history", "export", str(out), *words, "--data", str(data)).returncode == 0
    table = pq.read_table(out)
    assert table.column_names[-4:] == ["time", "mean", "count", "zone"]
    assert table.column("count").to_pylist() == [40.0, 26.0]


def test_an_export_that_cannot_be_leaves_no_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for words, expected in (
        (("a.txt",), ".csv, .xlsx or .parquet"),
        (("a.csv", "--agg", "mean"), "--every"),
        (("a.csv", "--from", "soon"), "from: expected RFC 3339"),
        (("a.csv", "--from", "2025-01-02", "--to", "2025-01-01"), "to: expected a time at or after"),
    ):
        done = hub("history", "export", str(tmp_path / words[0]), *words[1:], "--data", str(data))
        assert done.returncode == 2, words
        assert expected in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_question_that_cannot_be_answered_names_the_field(tmp_path: Path) -> None:
    for question, expected in (
        ("series?every=1x", "every: expected Ns, Nm"),
        ("/v1/observations?from=2025-01-01T00:00:00", "from: expected RFC 3339"),
        ("exceedances", "limit: expected le:NUMBER"),
        ("incidents", "expected one of observations"),
    ):
        done = hub("history", "query", question, "--data", str(tmp_path))
        assert done.returncode == 2, question
        assert expected in done.stderr
        assert done.stdout == ""


def test_each_path_answers_and_in_each_form(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "answer"
    hub("history", "import", file_of(tmp_path / "a.csv", rows(4)), "--data", str(data))
    for path in ("observations/latest", "series", "exceedances?limit=le:2", "compare?with=last_year", "datastreams"):
        assert json.loads(asked(data, path)), path
    for form in ("xlsx", "parquet"):
        asked(data, "observations", "--format", form, "--out", str(out))
        assert out.read_bytes()[:2] in (b"PK", b"PA")
    assert asked(data, "observations", "--format", "csv").splitlines()[0].startswith(HEADER[:40])


def test_the_whole_command_in_a_process_of_its_own(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.csv", rows())
    command = (sys.executable, "-m", "hub", "history")
    where = ("--data", str(tmp_path / "data"))
    done = subprocess.run((*command, "import", file, *where), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run((*command, "query", ASKED, *where), capture_output=True, text=True, timeout=60, check=False)
    assert len(json.loads(done.stdout)["items"]) == 200
