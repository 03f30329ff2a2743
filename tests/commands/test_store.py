"""`hub store` on a hub's own files."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from hub.batch import Block
from storage import open_series
from storage.chunks.schema import FILE
from storage.series import Incoming
from tests.commands.running import hub


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a few values in the store."""
    folder = tmp_path / "data"
    folder.mkdir()
    times = np.arange(2000, dtype=np.int64) * 1000 + 1_767_225_600_000
    block = Block(("ph",), np.zeros(2000, np.uint32), times, np.linspace(6, 8, 2000)[:, None])
    with closing(open_series("embedded://", folder)) as store:
        store.write([Incoming(("d/water/w1",), (block,))])
    return folder


def test_a_whole_store_is_said_to_be(data: Path) -> None:
    checked = hub("store", "check", "--data", str(data), "--quiet")
    assert (checked.returncode, checked.stdout) == (0, "whole\n")
    compacted = hub("store", "compact", "--data", str(data))
    assert "MB after" in compacted.stdout


def test_damage_is_named(data: Path) -> None:
    with closing(sqlite3.connect(data / FILE)) as file, file:
        file.execute("UPDATE log SET data = x'00'")
    checked = hub("store", "check", "--data", str(data), "--json")
    assert checked.returncode == 1
    assert json.loads(checked.stdout)["damage"]


def test_another_engine_is_not_ours_to_check(tmp_path: Path) -> None:
    config = tmp_path / "hub.toml"
    config.write_text('[engines]\nseries = "influxdb://127.0.0.1:1?org=o&bucket=b"\nseries_token = { env = "T" }\n')
    checked = hub("store", "check", "--config", str(config))
    assert checked.returncode == 2
    assert "influxdb" in checked.stderr
