"""The district is seeded: the same seed sends the same, and what happens is in what is sent."""

import json
from itertools import pairwise, takewhile
from pathlib import Path

import pytest

from hub.errors import ConfigError
from simulators.district import run_district
from simulators.message import Outgoing
from simulators.publisher import BrokerUrl
from simulators.register import register_entries
from simulators.scenario import load_scenario

START = 1_767_225_600_000


def sent(
    seconds: float, seed: int = 1, kinds: tuple[str, ...] = ("water", "air", "source", "vehicle")
) -> list[Outgoing]:
    dues = takewhile(lambda due: due.elapsed <= seconds, run_district(load_scenario("demo"), seed=seed, start=START))
    return [message for due in dues for message in due.messages if message.topic.split("/")[2] in kinds]


def test_the_same_seed_sends_the_same_bytes() -> None:
    assert [m.payload for m in sent(30)] == [m.payload for m in sent(30)]
    assert [m.payload for m in sent(30)] != [m.payload for m in sent(30, seed=2)]


def test_pictures_are_seeded_too() -> None:
    assert [m.payload for m in sent(8, kinds=("camera",))] == [m.payload for m in sent(8, kinds=("camera",))]


def test_every_device_sends_at_its_period() -> None:
    per_device: dict[str, list[int]] = {}
    for message in sent(60):
        if message.topic.endswith(("telemetry", "position")):
            per_device.setdefault(message.topic, []).append(message.moment)
    assert len(per_device) == 28
    for topic, moments in per_device.items():
        steps = {later - earlier for earlier, later in pairwise(moments)}
        assert len(steps) == 1, topic


def test_what_happens_is_in_what_is_sent() -> None:
    readings = [json.loads(m.payload) for m in sent(150) if m.topic == "hub/zhenhai/water/W03/telemetry"]
    values = [reading["values"]["nh3_n"] for reading in readings]
    assert values[0] < 1.0
    assert max(values) > 2.2


def test_a_silent_device_sends_nothing() -> None:
    moments = [m.moment - START for m in sent(360) if m.topic == "hub/zhenhai/air/A04/telemetry"]
    assert not [moment for moment in moments if 180_000 <= moment < 330_000]
    assert moments[-1] >= 330_000


def test_every_device_has_a_register_entry_with_its_period() -> None:
    entries = register_entries(load_scenario("demo"))
    assert len([entry for entry in entries if entry.link is None]) == 12 + 6 + 2 + 8 + 4
    assert len([entry for entry in entries if entry.link is not None]) == 2 + 4 + 2
    assert all(entry.period_ms for entry in entries)


def test_a_scenario_with_a_stranger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        'name = "x"\ndepartment = "d"\nfleets = []\n[[happenings]]\ndevice = "W99"\nwhat = "silence"\nat = 1\nlasts = 2\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="W99"):
        load_scenario(str(path))


def test_a_broker_url_is_taken_apart() -> None:
    url = BrokerUrl.parse("mqtts://zhenhai%2Fwater%2FW01:p%40ss@broker.local")
    assert url == BrokerUrl("broker.local", 8883, True, "zhenhai/water/W01", "p@ss")
    with pytest.raises(ValueError, match="mqtt://"):
        BrokerUrl.parse("http://broker")
