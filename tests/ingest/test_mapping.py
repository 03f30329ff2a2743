"""Devices whose topics and payloads cannot be changed."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.catalogue import Device
from hub.errors import Refused
from hub.settings import MappingSection
from ingest.json_path import find, parse_path
from ingest.mapping import DeviceMapping, explain, mapping_problems, read_time
from tests.ingest.rig import NOW, Rig

PLANT = MappingSection(
    name="plant",
    topic="plant/{device}/up",
    kind="source",
    time="data.time",
    time_format="%Y%m%d%H%M%S",
    zone="Asia/Shanghai",
    values={"cod": "data.items[0].v", "ph": "$.data.ph", "tp": "data.none"},
    units={"cod": "ug/L"},
    text_numbers=True,
)
SAMPLE = json.dumps({"data": {"time": "20260101075920", "items": [{"v": "35000"}], "ph": 7.2}}).encode()


def test_a_message_is_read_by_its_mapping() -> None:
    rig = Rig(Device("water-bureau/source/o1"), mappings=(PLANT,))
    rig.take(("plant/o1/up", SAMPLE))
    found = {row.name: (row.station, row.time, row.value) for row in rig.rows()}
    moment = NOW - 40_000
    assert found == {
        "cod": ("water-bureau/source/o1", moment, 35.0),
        "ph": ("water-bureau/source/o1", moment, 7.2),
        "tp": ("water-bureau/source/o1", moment, None),
    }
    assert rig.letters() == []


def test_what_is_wrong_in_it_goes_to_the_dead_letter() -> None:
    rig = Rig(Device("water-bureau/source/o1"), mappings=(PLANT,))
    rig.take(
        ("plant/o1/up", b'{"data":{"time":"20260101075920","ph":"acid","items":[]}}'),
        ("plant/o1/up", b'{"data":{"time":"yesterday","ph":7}}'),
        ("plant/o2/up", SAMPLE),
        ("plant/bad name/up", SAMPLE),
    )
    assert [letter.reason for letter in rig.letters()] == ["bad_value", "bad_time", "unknown_device", "bad_topic"]


def test_the_device_may_stand_in_the_payload_and_readings_in_an_array() -> None:
    section = MappingSection(
        name="gateway", topic="gw/+/#", department="d", kind="air", device="$.sn", items="list", time="t",
        time_format="epoch_s", values={"pm2_5": "pm"},
    )  # fmt: skip
    rig = Rig(Device("d/air/77"), mappings=(section,))
    body = {"sn": 77, "list": [{"t": NOW / 1000 - 1, "pm": 35}, {"t": str(NOW // 1000 - 2), "pm": 36}]}
    rig.take(("gw/a/b/c", json.dumps(body).encode()))
    assert [(row.time, row.value) for row in sorted(rig.rows(), key=lambda row: row.time)] == [
        (NOW - 2000, 36.0),
        (NOW - 1000, 35.0),
    ]


def test_a_decoder_of_one_file(tmp_path: Path) -> None:
    decoder = tmp_path / "vendor.py"
    decoder.write_text(
        "from ingest.codec import Reading, Taken\n"
        "def decode(arrival, entry):\n"
        "    level = int.from_bytes(arrival.payload[:2], 'big') / 100\n"
        "    return Taken([Reading(arrival.received, ('level',), (level,))])\n"
    )
    section = MappingSection(name="v", topic="v/{department}/{device}", kind="water", decoder=str(decoder))
    rig = Rig(Device("d/water/w"), mappings=(section,))
    rig.take(("v/d/w", b"\x01\x02"))
    assert [row.value for row in rig.rows()] == [2.58]


def test_a_decoder_of_the_hub_behind_another_topic() -> None:
    section = MappingSection(name="old", topic="old/{device}", kind="water", decoder="telemetry")
    rig = Rig(Device("water-bureau/water/w"), mappings=(section,))
    rig.take(("old/w", b'{"ts":%d,"values":{"ph":7}}' % NOW))
    assert len(rig.rows()) == 1


def test_every_mistake_of_a_mapping_at_once() -> None:
    section = MappingSection(
        name="bad",
        topic="a/#/b{x}",
        time="a..b",
        time_format="iso",
        zone="Nowhere",
        values={"Ph": "x"},
        units={"tp": "m"},
    )
    problems = " | ".join(mapping_problems(section))
    for word in ("topic", "kind", "device", "time:", "time_format", "zone", "values", "units"):
        assert word in problems
    with pytest.raises(ValueError, match="topic"):
        DeviceMapping(section, "d")
    assert mapping_problems(MappingSection(name="n", topic="t/{device}/{kind}", decoder="none.py"))


def test_explaining_a_sample() -> None:
    answer = explain(PLANT, "water-bureau", SAMPLE, NOW, ZoneInfo("Asia/Shanghai"))
    assert answer["topic"] == "plant/device/up"
    assert answer["station"] == "water-bureau/source/device"
    assert answer["readings"][0]["time"] == "2026-01-01T07:59:20+08:00"
    assert answer["readings"][0]["values"]["cod"] == 35.0
    assert answer["refused"] == []
    assert "bad_json" in explain(PLANT, "water-bureau", b"{", NOW, ZoneInfo("UTC"))["refused"][0]


def test_paths() -> None:
    document = {"a": {"b": [{"c": 1}]}, "odd key.x": 2}
    assert find(parse_path("$.a.b[0].c"), document) == 1
    assert find(parse_path("a.b.0.c"), document) == 1
    assert find(parse_path('["odd key.x"]'), document) == 2
    assert find(parse_path("a.b[7].c"), document) is None
    assert find(parse_path("$"), document) == document
    with pytest.raises(ValueError, match="path"):
        parse_path("a..b")


def test_times_of_a_mapping() -> None:
    assert read_time(NOW, "epoch_ms", None) == NOW
    assert read_time("2026-01-01 08:00:00", "%Y-%m-%d %H:%M:%S", "Asia/Shanghai") == NOW
    with pytest.raises(Refused, match="no_offset"):
        read_time("2026-01-01 08:00:00", "%Y-%m-%d %H:%M:%S", None)
    with pytest.raises(Refused, match="bad_time"):
        read_time(True, "epoch_s", None)
