"""Heavy questions: they end when the caller goes, end within bounds, and leave the rest of the hub answering."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from starlette.types import Message

from api import working
from api.working import Gone, Workers
from storage.series import Points, Select
from tests.api.hub import NOW, Hub

WAIT = 20.0


def _fill(hub: Hub, stations: int = 8) -> None:
    for number in range(stations):
        hub.write(f"north/water/w{number}", {"ph": [7.0]}, [NOW - 1000])


def test_an_answer_that_would_be_too_large_says_what_is_allowed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(hub)
    monkeypatch.setattr(working, "MOST_CELLS", 5)
    for path in ("series?agg=mean", "compare?with=last_year"):
        error = hub.get(f"/v1/{path}").json()["errors"][0]
        assert error["field"] == "every"
        assert "at most 5 cells" in error["expected"]
        assert "of 8 stations were done" in error["expected"]
    assert hub.get("/v1/series?format=csv").status_code == 200


def test_a_question_that_takes_too_long_ends(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(hub)
    real = hub.store.latest

    def slow(select: Select) -> list[Points]:
        hub.clock.advance(40_000)
        return real(select)

    monkeypatch.setattr(hub.store, "latest", slow)
    error = hub.get("/v1/series").json()["errors"][0]
    assert error["field"] == "from"
    assert "within 30 s" in error["expected"]


def test_a_question_ends_when_its_caller_goes() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def scene() -> object:
        workers = Workers()

        async def receive() -> Message:
            await asyncio.to_thread(begun.wait, WAIT)
            return {"type": "http.disconnect"}

        def work(stop: threading.Event) -> None:
            begun.set()
            if stop.wait(WAIT):
                ended.set()
                raise Gone

        return await workers.watching(receive, lambda stop: workers.run(work, stop))

    assert asyncio.run(scene()) is None
    assert ended.is_set()


def test_so_many_at_a_time_and_no_more_than_so_many_wait() -> None:
    async def scene() -> tuple[int, list[object]]:
        workers, go, most = Workers(at_once=2, most_waiting=3), threading.Event(), 0

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        def work() -> str:
            nonlocal most
            most = max(most, workers.at_work)
            go.wait(WAIT)
            return "done"

        tasks = [asyncio.ensure_future(workers.watching(receive, lambda _: workers.run(work))) for _ in range(2 + 3)]
        while workers.at_work < 2 or workers.waiting < 3:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)
        tasks.append(asyncio.ensure_future(workers.watching(receive, lambda _: workers.run(work))))
        await asyncio.sleep(0)
        go.set()
        return most, await asyncio.gather(*tasks, return_exceptions=True)

    most, found = asyncio.run(scene())
    assert most <= 2
    assert found[:5] == ["done"] * 5
    assert "wait already" in str(found[5])


def test_a_file_is_drawn_no_faster_than_it_is_read() -> None:
    drawn: list[int] = []

    def body() -> Iterator[bytes]:
        for number in range(1000):
            drawn.append(number)
            yield b"x"

    async def scene() -> None:
        workers = Workers()
        pieces = workers.drawn(b"", body())
        for _ in range(5):
            await anext(pieces)

    asyncio.run(scene())
    assert len(drawn) < 10


def test_health_answers_while_every_worker_is_busy(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    go, busy = threading.Event(), threading.Semaphore(0)
    real = hub.store.latest

    def stuck(select: Select) -> list[Points]:
        busy.release()
        go.wait(WAIT)
        return real(select)

    hub.get("/v1/health/live")
    monkeypatch.setattr(hub.store, "latest", stuck)
    askers = [
        threading.Thread(target=hub.get, args=(f"/v1/observations/latest?department=d{number}",))
        for number in range(12)
    ]
    for asker in askers:
        asker.start()
    assert busy.acquire(timeout=WAIT)
    try:
        assert hub.get("/v1/health/live").status_code == 200
        assert hub.get("/v1/rules").status_code == 200
    finally:
        go.set()
        for asker in askers:
            asker.join()
