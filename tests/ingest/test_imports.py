"""Other people's files: their times, numbers, encodings and shapes are read as written, and what cannot be is named by its line."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalogue import Catalogue, Device, DevicePut
from hub.errors import ConfigError
from ingest.imports.comma import CommaFile
from ingest.imports.faults import Faults, RowFault
from ingest.imports.importing import Import
from ingest.imports.mapping import FileMapping, TimeForm, read_mapping
from ingest.imports.rows import Part
from ingest.imports.sheet import Sheet
from ingest.imports.times import times_of

LATEST = 4_000_000_000_000
Values = dict[tuple[str, str, str], float]
MOMENTS = st.datetimes(datetime(1951, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001 - local times


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def take(self, part: Part) -> None:
        self.parts.append(part)

    def finish(self) -> None:
        """Nothing waits."""

    def values(self) -> Values:
        """By station, property and time in UTC."""
        found = {}
        for part in self.parts:
            for block in part.blocks:
                for row, station in enumerate(block.station.tolist()):
                    time = datetime.fromtimestamp(int(block.time[row]) / 1000, UTC).isoformat(timespec="seconds")[:-6]
                    for place, name in enumerate(block.properties):
                        if not np.isnan(block.value[row, place]):
                            found[part.stations[station], name, time] = float(block.value[row, place])
        return found


def imported(
    path: Path, mapping: FileMapping | None = None, *devices: Device, earliest: int | None = None
) -> tuple[Values, list[RowFault]]:
    catalogue, kept = Catalogue(), Kept()
    faults: list[RowFault] = []
    catalogue.apply_all(map(DevicePut, devices))
    work = Import(path, mapping or FileMapping(), catalogue, latest=LATEST, earliest=earliest)
    counts = work.check(faults.append, lambda _: None)
    if not faults:
        work.store(kept, lambda _: None)
        assert counts.values == len(kept.values())
    return kept.values(), faults


def mapped(tmp_path: Path, text: str) -> FileMapping:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def column(texts: list[str]) -> Sheet:
    return Sheet({"time": pa.array(texts)}, np.arange(1, len(texts) + 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MOMENTS, st.integers(-14 * 60, 14 * 60)), min_size=1, max_size=20), st.integers(0, 6))
def test_times_are_what_python_says_of_them(given: list[tuple[datetime, int]], digits: int) -> None:
    moments = [one.replace(tzinfo=timezone(timedelta(minutes=offset))) for one, offset in given]
    texts = [one.isoformat(timespec="microseconds" if digits else "seconds") for one in moments]
    faults = Faults()
    found, good = times_of(column(texts), TimeForm(), 1 << 60, -(1 << 60), faults)
    floor = [round(datetime.fromisoformat(text).replace(microsecond=0).timestamp()) * 1000 for text in texts]
    parts = [one.microsecond // 1000 if digits else 0 for one in moments]
    assert found.tolist() == [whole + part for whole, part in zip(floor, parts, strict=True)]
    assert good.all()


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.sampled_from(["Asia/Shanghai", "Europe/London", "America/St_Johns", "UTC"]))
def test_local_times_are_taken_in_the_zone(moment: datetime, zone: str) -> None:
    form = TimeForm(format="%Y/%m/%d %H:%M:%S", zone=zone)
    text = f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment.minute}:{moment.second}"
    found, good = times_of(column([text]), form, 1 << 60, -(1 << 60), Faults())
    expected = moment.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    assert good.all()
    # A time that a change of clocks skips begins at the change, whatever Python makes of it.
    if expected.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment.replace(microsecond=0):
        assert found.tolist() == [round(expected.timestamp()) * 1000]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text("0123456789-:/TZ+ .年", max_size=26), max_size=20))
def test_no_text_is_too_strange_for_a_time(texts: list[str]) -> None:
    for form in (TimeForm(), TimeForm(format="%Y-%m-%d %H:%M", zone="Asia/Shanghai"), TimeForm(format="epoch_s")):
        faults = Faults()
        _, good = times_of(column(texts), form, LATEST, 0, faults)
        assert [one.line for one in faults.found] == (np.flatnonzero(~good) + 1).tolist()


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        (TimeForm(format="epoch_ms"), ["1735689600000", "1735689600"]),
        (TimeForm(format="epoch_s"), ["1735689600", "soon"]),
        (TimeForm(format="%Y%m%d%H", zone="UTC"), ["2025010100", "2025010124"]),
        (
            TimeForm(format="%Y年%m月%d日 %H时", zone="Asia/Shanghai", shift_s=-3600),
            ["2025年1月1日 9时", "2025年13月1日 9时"],
        ),
        (TimeForm(), ["2024-12-31T23:59:60Z", "2025-01-01T00:00Z\0"]),
    ],
)
def test_a_format_is_followed(form: TimeForm, texts: list[str]) -> None:
    faults = Faults()
    found, good = times_of(column(texts), form, LATEST, 0, faults)
    assert (int(found[0]), good.tolist()) == (1_735_689_600_000, [True, False])


def test_a_wide_file_in_chinese_with_its_own_words(tmp_path: Path) -> None:
    mapping = mapped(
        tmp_path,
        """
encoding = "gb18030"
delimiter = ";"
decimal = ","
header_rows = 3
names_row = 2
[time]
column = ["日期", "时间"]
format = "%Y-%m-%d %H:%M"
zone = "Asia/Shanghai"
[station]
column = "站点"
names = { "镇海一号" = "env/water/W01" }
[values]
"氨氮" = { property = "nh3_n", unit = "ug/L", quality = "标记" }
"pH" = "ph"
[qualities]
"正常" = "N"
"维护" = "M"
""",
    )
    lines = [
        "二〇二五年一月", "站点;日期;时间;氨氮;标记;pH", ";;;ug/L;;",
        "镇海一号;2025-01-01;08:00;1500,5;正常;7,1", "镇海一号;2025-01-01;09:00;--;维护;7,2",
    ]  # fmt: skip
    path = tmp_path / "bureau.csv"
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    found, faults = imported(path, mapping)
    assert faults == []
    assert found == {
        ("env/water/W01", "nh3_n", "2025-01-01T00:00:00"): pytest.approx(1.5005),
        ("env/water/W01", "ph", "2025-01-01T00:00:00"): 7.1,
        ("env/water/W01", "ph", "2025-01-01T01:00:00"): 7.2,
    }
    path.write_bytes("\r\n".join([*lines, "二号;2025-01-01;10:00;x;坏;7,3"]).encode("gb18030"))
    _, faults = imported(path, mapping)
    assert [(one.line, one.column) for one in faults] == [(6, "站点"), (6, "氨氮"), (6, "标记")]


def test_a_wide_file_in_the_hub_s_own_words_needs_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("station,time,ph,ph_quality,do\nenv/water/W01,2025-01-01T00:00:00Z,7.1,N,\n", encoding="utf-8-sig")
    assert imported(path) == ({("env/water/W01", "ph", "2025-01-01T00:00:00"): 7.1}, [])


def test_parquet_of_any_types_is_read(tmp_path: Path) -> None:
    table = pa.table(
        {
            "department": pa.array(["env", "env"]).dictionary_encode(),
            "kind": ["water", "water"],
            "device": ["W01", "W02"],
            "property": ["ph", "ph"],
            "time": pa.array([1_735_689_600_000_000_000, 1_735_689_660_000_000_000], pa.timestamp("ns", tz="UTC")),
            "value": pa.array([7, None], pa.int32()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert imported(tmp_path / "a.parquet") == ({("env/water/W01", "ph", "2025-01-01T00:00:00"): 7.0}, [])
    bad = table.set_column(4, "time", pa.array([1.5, 1e300])).set_column(5, "value", pa.array([True, False]))
    pq.write_table(bad, tmp_path / "a.parquet")
    found = {(one.line, one.column) for one in imported(tmp_path / "a.parquet")[1]}
    assert found == {(1, "time"), (2, "time"), (1, "value"), (2, "value")}


def test_units_become_the_register_s_or_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "department,kind,device,property,time,value,unit\n"
    path.write_text(head + "env,water,W01,nh3_n,2025-01-01T00:00:00Z,1500,ug/L\n", encoding="utf-8")
    assert list(imported(path)[0].values()) == [pytest.approx(1.5)]
    path.write_text(head + "env,water,W01,nh3_n,2025-01-01T00:00:00Z,1500,km\n", encoding="utf-8")
    (fault,) = imported(path)[1]
    assert (fault.column, fault.value, fault.expected) == ("unit", "km", "a unit that becomes mg/L")


def test_a_device_with_auto_properties_may_have_any(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("station,property,time,value\nenv/water/W01,magic,2025-01-01T00:00:00Z,1\n", encoding="utf-8")
    assert imported(path)[1][0].column == "property"
    assert len(imported(path, None, Device("env/water/W01", auto_properties=True))[0]) == 1


def test_what_the_store_would_drop_at_once_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("station,property,time,value\nenv/water/W01,ph,2005-01-01T00:00:00Z,1\n", encoding="utf-8")
    assert "what the hub keeps" in imported(path, earliest=1_700_000_000_000)[1][0].expected


def test_lines_are_counted_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.imports.comma._BLOCK", 64)
    path = tmp_path / "a.csv"
    lines = [f"env/water/W01,ph,2025-01-01T00:00:{at:02d}Z,{'x' if at in (7, 30) else at}" for at in range(40)]
    lines.insert(20, "")
    path.write_text("\n".join(["station,property,time,value", *lines]), encoding="utf-8")
    assert [one.line for one in imported(path)[1]] == [9, 33]


def test_bytes_that_are_no_text_are_named_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [
        b"station,property,time,value",
        b"env/water/W01,ph,2025-01-01T00:00:00Z,1,"[:-1],
        "镇海,ph,1,1".encode("gb18030"),
    ]
    path.write_bytes(b"\n".join(rows))
    (fault,) = imported(path)[1]
    assert (fault.line, "encoding" in fault.expected) == (3, True)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("encodin = 'utf-8'", "encodin"),
        ("[time]\nzone = 'Mars/Olympus'", "time.zone"),
        ("[station]\nnames = { a = 'b' }", "station.names"),
        ("header_rows = 1\nnames_row = 2", "names_row"),
        ("decimal = '!'", "decimal"),
        ("[qualities]\nbad = 'Q'", "qualities"),
        ("[values]\nph = { property = 'P!' }", "values.ph.property"),
    ],
)
def test_mistakes_of_a_mapping_are_named(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        mapped(tmp_path, text)
    assert key in str(refused.value)


@pytest.mark.parametrize(
    ("header", "mapping", "expected"),
    [
        ("station,time,value", FileMapping(), "no column 'property'"),
        ("station,time,ph,colour", FileMapping(), "'colour' is no property"),
        ("station,time,ph", FileMapping(time=TimeForm(format="%Y %Q")), "%Q"),
        ("", FileMapping(), "expected the names"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_a_row_is_read(
    tmp_path: Path, header: str, mapping: FileMapping, expected: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(header + "\n1,2,3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=expected):
        imported(path, mapping)


def test_a_file_that_changes_meanwhile_is_not_imported(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("station,property,time,value\nenv/water/W01,ph,2025-01-01T00:00:00Z,1\n", encoding="utf-8")
    work = Import(path, FileMapping(), Catalogue(), latest=LATEST)
    work.check(lambda _: None, lambda _: None)
    path.write_text("station,property,time,value\nenv/water/W01,ph,2025-01-01T00:00:00Z,22\n", encoding="utf-8")
    kept = Kept()
    with pytest.raises(ConfigError, match="was changed"):
        work.store(kept, lambda _: None)
    assert kept.parts == []


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["utf-8", "gb18030"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, body: bytes, encoding: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"station,property,time,value\n" + body)
    mapping = FileMapping(encoding="utf-8" if encoding == "utf-8" else "gb18030")
    assert CommaFile(path, mapping).names == ("station", "property", "time", "value")
    found, faults = imported(path, mapping)
    assert not found or not faults
