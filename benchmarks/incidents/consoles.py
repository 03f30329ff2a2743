"""From an alert on the bus to a row painted on the desk, while 500 consoles listen to the same stream."""

import asyncio
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Final

from playwright.sync_api import Page, sync_playwright

from benchmarks.hub_process import Hub, Plan
from benchmarks.incidents.sent import Sent, bus_of, send
from benchmarks.result import Result, Say, Scale, judged, missing, percentile
from storage.records import open_records
from storage.records.users import add_user
from tests.engines import wait_until

P50_MS: Final = 50
P95_MS: Final = 250
P99_MS: Final = 500
CONSOLES: Final = 500
_EVERY: Final = 8.0
"""Nine incidents within a minute are a storm and share a row."""
_NAME, _PASSWORD = "bench", "a good password of the bench"
_WATCH: Final = """() => {
  window.__painted = {};
  const look = () => {
    for (const name of document.body.textContent.match(/probe-\\d{4}/g) || [])
      if (!(name in window.__painted)) {
        window.__painted[name] = null;
        requestAnimationFrame(() => requestAnimationFrame(() => { window.__painted[name] = Date.now(); }));
      }
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


class Crowd:
    """Consoles that listen to `/v1/events`; `heard` has every time at which one of them heard of a device, epoch s."""

    def __init__(self, hub: Hub, count: int) -> None:
        self.heard: dict[str, list[float]] = {}
        self.ready = 0
        self._hub = hub
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(count,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang all of them up."""
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(10)

    def _stop(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    def _run(self, count: int) -> None:
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._listen(count))
        self._loop.close()

    async def _listen(self, count: int) -> None:
        await asyncio.gather(*(self._one() for _ in range(count)))

    async def _one(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._hub.port)
        head = f"GET /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._hub.token}\r\n\r\n"
        writer.write(head.encode())
        counted = False
        try:
            while line := await reader.readline():
                if not counted and line.startswith(b"HTTP/1.1 200"):
                    counted, self.ready = True, self.ready + 1
                at = line.find(b'"device":"probe-')
                if at >= 0 and line.startswith(b"data:") and b'"state"' in line:
                    self.heard.setdefault(line[at + 10 : at + 20].decode(), []).append(time.time())
        finally:
            writer.close()


def run(scale: Scale, say: Say) -> list[Result]:
    """A row for the consoles and one for what is painted."""
    count = scale.pick(5, 30)
    with ExitStack() as stack:
        hub = stack.enter_context(Hub(Plan(parts=("serve",))))
        with closing(open_records("sqlite:///hub.db", hub.data)) as records, records.begin() as tx:
            add_user(tx, _NAME, _PASSWORD, "officer", actor="bench", at=0)
        page = stack.enter_context(_desk(hub))
        crowd = stack.enter_context(closing(Crowd(hub, CONSOLES)))
        wait_until(lambda: crowd.ready == CONSOLES, 60, f"{CONSOLES} consoles to be connected")
        bus = stack.enter_context(bus_of(hub))
        sent = []
        for number in range(count):
            sent.append(send(bus, number, level=2))
            page.wait_for_timeout(_EVERY * 1000)
        painted = page.evaluate("() => window.__painted")
        heard = {name: list(times) for name, times in crowd.heard.items()}
    say(f"{count} incidents, {CONSOLES} consoles")
    return [_consoles(sent, heard), _painted(sent, painted)]


@contextmanager
def _desk(hub: Hub) -> Iterator[Page]:
    """The duty desk in a browser, whose paints are noted."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        with closing(browser):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            context.request.post(f"{hub.http}/v1/session", data={"name": _NAME, "password": _PASSWORD})
            page = context.new_page()
            page.goto(hub.http + "/", wait_until="load")
            page.wait_for_timeout(2000)
            page.evaluate(_WATCH)
            yield page


def _consoles(sent: list[Sent], heard: dict[str, list[float]]) -> Result:
    delays = [(at - one.at) * 1000 for one in sent for at in heard.get(one.device, ())[:CONSOLES]]
    figure, reach = f"alert -> {CONSOLES} consoles", f"p99 <= {P99_MS} ms"
    if not delays:
        return missing(figure, reach, "no console heard of any alert")
    most = percentile(delays, 0.99)
    return Result(
        figure=figure,
        reach=reach,
        measured=f"p50 {percentile(delays, 0.5):.0f} ms, p99 {most:.0f} ms, longest {max(delays):.0f} ms",
        verdict=judged(most <= P99_MS and len(delays) == CONSOLES * len(sent)),
        bound="one process writes to every listener",
        notes=(
            f"{len(delays)} of {CONSOLES * len(sent)} times heard; the listeners share these cores",
            "from before the alert is appended to the bus, so the commit is in it",
        ),
    )


def _painted(sent: list[Sent], painted: dict[str, int | None]) -> Result:
    found = [(at - one.at * 1000) for one in sent if (at := painted.get(one.device)) is not None]
    figure, reach = "alert -> row painted on the desk", f"p50 <= {P50_MS} ms, p95 <= {P95_MS} ms"
    if not found:
        return missing(figure, reach, "no row of an alert was painted")
    half, most = percentile(found, 0.5), percentile(found, 0.95)
    return Result(
        figure=figure,
        reach=reach,
        measured=f"p50 {half:.0f} ms, p95 {most:.0f} ms, longest {max(found):.0f} ms",
        verdict=judged(half <= P50_MS and most <= P95_MS and len(found) == len(sent)),
        bound="the commit, the stream, the page's own drawing; two frames of 16 ms",
        notes=(
            f"{len(found)} of {len(sent)} rows; Chromium without a GPU, {CONSOLES} other consoles listening at once",
            "from before the alert is appended to the bus until the second frame after the row came into the page",
        ),
    )
