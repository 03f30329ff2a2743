"""How quick the desk, the search, one incident and the month's figures stay with 100 000 incidents stored."""

import time
from contextlib import closing
from typing import Final

import httpx

from benchmarks.hub_process import Hub, Plan
from benchmarks.result import Result, Say, Scale, judged, percentile
from storage.records import open_records
from tests.proof.crowd import crowd

P95_MS: Final = 200
_BEGIN: Final = 1_767_225_600_000


def _paths(turn: int, count: int) -> dict[str, str]:
    """The questions, by what they are; `turn` makes each time another one where it can."""
    day, month = 20260101 + turn * 7 % max(1, count // 300), turn % 12 + 1
    return {
        "desk: what has not ended, the worst first": "/v1/incidents?open=true&worst=true&limit=100",
        "desk: the newest": "/v1/incidents?limit=100",
        "search by number": f"/v1/incidents?q=zhenhai-{day}-1{turn % 10}&limit=50",
        "search by device": f"/v1/incidents?q=s{turn * 13 % 311}&limit=50",
        "one incident": f"/v1/incidents/i{turn * 7919 % count:08}",
        "the month's figures": f"/v1/figures?month=2026-{month:02}",
        "the feed of CAP": "/v1/cap?limit=20",
    }


def run(scale: Scale, say: Say) -> list[Result]:
    """A row for each question."""
    count, turns = scale.pick(20_000, 100_000), scale.pick(30, 100)
    with Hub(Plan(parts=("serve",))) as hub:
        begun = time.monotonic()
        with closing(open_records("sqlite:///hub.db", hub.data)) as records:
            crowd(records, count, _BEGIN)
        say(f"{count} incidents written in {time.monotonic() - begun:.0f} s")
        with closing(hub.client) as client:
            return [_row(client, name, count, turns) for name in _paths(0, count)]


def _row(client: httpx.Client, name: str, count: int, turns: int) -> Result:
    took, size = [], 0
    for turn in range(turns):
        begun = time.perf_counter()
        answer = client.get(_paths(turn, count)[name]).raise_for_status()
        took.append((time.perf_counter() - begun) * 1000)
        size = max(size, len(answer.content))
    most = percentile(took, 0.95)
    return Result(
        figure=f"{count:,} incidents stored: {name}",
        reach=f"p95 <= {P95_MS} ms",
        measured=f"p50 {percentile(took, 0.5):.1f} ms, p95 {most:.1f} ms, longest {max(took):.0f} ms",
        verdict=judged(most <= P95_MS),
        bound="reading and writing out the answer",
        notes=(f"{turns} questions over HTTP, one after the other; up to {size / 1000:.0f} kB; opened over a year",),
    )
