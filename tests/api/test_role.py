"""The role as it runs: embedded engines, a rules folder, SIGTERM."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.role import evidence_folder, run_serve
from api.rules_folder import RulesFolder
from hub.clock import ManualClock
from hub.errors import ConfigError
from hub.settings import Engines, HubSection, ServeSection, Settings
from storage.records import Records, open_records
from storage.records.access import create_token
from storage.records.rules import get_rule
from tests.api.hub import NOW
from tests.api.listener import Listener
from tests.engines.waiting import wait_until

RULE = 'targets = ["*/water/*"]\nproperty = "ph"\nabove = { 3 = %s }\n'


def _settings(folder: Path) -> Settings:
    section = HubSection(district="north", data=folder / "data", rules=folder / "rules")
    return Settings(hub=section, serve=ServeSection(listen="127.0.0.1:0"))


def _token(settings: Settings) -> str:
    with closing(open_records(settings.engines.records, settings.hub.data)) as records:
        records.migrate()
        with records.begin() as tx:
            return create_token(tx, "admin", "admin", actor="test", at=NOW)[1]


def test_serve_runs_on_embedded_engines_and_ends_within_seconds(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    token = _token(settings)
    settings.hub.rules.mkdir()
    (settings.hub.rules / "ph-high.toml").write_text(RULE % 9.0)
    stop = threading.Event()
    told: list[str] = []
    thread = threading.Thread(target=run_serve, args=(settings, stop, told.append), daemon=True)
    thread.start()
    wait_until(lambda: told)
    with httpx.Client(base_url=told[0], headers={"Authorization": f"Bearer {token}"}) as client:
        wait_until(lambda: client.get("/v1/rules").json()["items"])
        made = client.post("/v1/devices", json={"station": "north/water/w1", "period_s": 60})
        assert made.status_code == 201
        sent = client.post("/v1/devices/north/water/w1/telemetry", json={"values": {"ph": 7.0}})
        assert sent.status_code == 202
        names = [one["name"] for one in client.get("/v1/health").json()["parts"]]
        assert {"records", "bus", "store", "alerts", "ingest"} <= set(names)
        assert client.get("/v1/observations").status_code == 200
        with Listener(told[0], token) as listener:
            stop.set()
            thread.join(3)
            assert not thread.is_alive()
            wait_until(lambda: listener.ended)
            assert listener.whole
    assert not (settings.hub.data / "health" / "serve.json").exists()


def test_serve_ends_on_sigterm(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    _token(settings)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from tests.api.test_role import _settings, Path, run_serve; run_serve(_settings(Path({str(tmp_path)!r})), ready=print)",
        ],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0  # 3 s on a machine that does nothing else
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_bad_rule_file_stops_nothing_and_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    with closing(open_records("sqlite:///hub.db", tmp_path)) as records:
        records.migrate()
        watcher = RulesFolder(folder, records, ManualClock(NOW))
        (folder / "ph-high.toml").write_text(RULE % 9.0)
        assert watcher.look()
        assert not watcher.look()
        assert _limit(records) == 9.0
        (folder / "bad.toml").write_text("property = 5")
        assert watcher.look()
        assert {fault.key for fault in watcher.faults} == {"property", "targets", "above"}
        assert _limit(records) == 9.0
        (folder / "bad.toml").unlink()
        (folder / "ph-high.toml").write_text(RULE % 10.25)
        assert watcher.look()
        assert watcher.faults == []
        assert _limit(records) == 10.25


def _limit(records: Records) -> float | None:
    with records.read() as tx:
        rule = get_rule(tx, "ph-high")
    return None if rule is None else rule.above[3]


def test_evidence_lies_under_the_data_folder(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert evidence_folder(settings) == tmp_path / "data" / "evidence"
    elsewhere = settings.model_copy(update={"engines": Engines(evidence="file:///srv/evidence")})
    assert evidence_folder(elsewhere) == Path("/srv/evidence")


@pytest.mark.parametrize("address", ["nowhere.invalid:1", "127.0.0.1:99999", "127.0.0.1"])
def test_an_address_that_cannot_be_listened_on_is_a_mistake_of_the_file(tmp_path: Path, address: str) -> None:
    settings = _settings(tmp_path).model_copy(update={"serve": ServeSection(listen=address)})
    with pytest.raises(ConfigError, match=r"serve\.listen"):
        run_serve(settings, threading.Event())
