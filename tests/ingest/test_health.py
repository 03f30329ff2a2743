"""The small file by which each part says how it is."""

from pathlib import Path

from hub.clock import ManualClock
from hub.health import HealthFile, read_health


def test_what_is_written_is_read(tmp_path: Path) -> None:
    clock = ManualClock()
    file = HealthFile(tmp_path, "ingest", clock)
    assert file.due()
    file.write(ok=False, detail="the bus is away", counters={"received": 3})
    assert not file.due()
    health = read_health(tmp_path)["ingest"]
    assert (health.ok, health.detail, health.at, health.counters) == (
        False,
        "the bus is away",
        clock.now(),
        {"received": 3},
    )
    clock.advance(1001)
    assert file.due()
    file.remove()
    assert read_health(tmp_path) == {}


def test_files_of_nobody_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "health").mkdir()
    (tmp_path / "health" / "x.json").write_text("{")
    assert read_health(tmp_path) == {}


def test_a_place_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "health").write_text("a file where the folder should be")
    HealthFile(tmp_path, "ingest", ManualClock()).write(ok=True, detail="", counters={})
