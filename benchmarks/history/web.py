"""A year of hours over HTTP: the hub's own server, as `hub up` starts it, on the chunk store that the comparison wrote."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.history.load import Answer
from benchmarks.history.questions import FIVE, ONE
from benchmarks.hub_process import Hub, Plan
from benchmarks.processes import cpu_seconds
from storage.chunks.schema import FILE

_TIMES: Final = 60


def hours_over_http(folder: Path, start: int, end: int) -> tuple[Answer, list[float], float]:
    """The answer, how long each request takes (ms), and the server's CPU for one (ms); `folder` holds the store, which nobody writes."""
    with Hub(Plan(parts=("serve",))) as hub, hub.client as client:
        shutil.copyfile(folder / FILE, hub.data / FILE)
        words = {
            "department": ONE.department,
            "kind": ONE.kind,
            "device": ONE.device,
            "property": ONE.properties[0],
            "from": _text(start),
            "to": _text(end),
            "every": "1h",
            "agg": ",".join(FIVE),
        }
        answer = client.get("/v1/series", params=words).raise_for_status().json()
        pid, spent = hub.pids()["serve"], []
        cpu = cpu_seconds(pid)
        for _ in range(_TIMES):
            begun = time.perf_counter()
            client.get("/v1/series", params=words).raise_for_status()
            spent.append((time.perf_counter() - begun) * 1000)
        used = (cpu_seconds(pid) - cpu) * 1000 / _TIMES
    return _columns(answer), spent, used


def _text(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def _columns(answer: dict[str, Any]) -> Answer:
    (series,) = answer["series"]
    columns = dict(zip(answer["columns"], zip(*series["rows"], strict=True), strict=True))
    starts = [datetime.fromisoformat(text).timestamp() * 1000 for text in columns.pop("time")]
    return {"start": np.array(starts)} | {name: np.array(values, np.float64) for name, values in columns.items()}
