"""The analysis page over a year of a 5-s series: from the request for the page's chart to its lines painted, in a real browser.

Run: `python -m benchmarks.history_page [RUNS]`; needs chromium. Prints the time of each run and the median.
"""

import shutil
import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from storage.chunks import ChunkStore
from tests.e2e.history_site import PROBE, Site, fill

_DAYS: Final = 365
_PATH: Final = f"/history?stations={PROBE}&properties=turbidity&from=2025-11-19&to=2026-11-18&step=raw"
_DRAWN: Final = '.history-plot[data-drawn="1"]'
_TIMES: Final = """() => {
  const asked = performance.getEntriesByType("resource").find((one) => one.name.includes("width="));
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done([asked.startTime, asked.responseEnd, performance.now()]))));
}"""


def main(runs: int) -> None:
    """Fill a store once, then open the page so many times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(ChunkStore(folder / "store")) as store:
            fill(store, 1, _DAYS)
            store.writer.seal_all()
        (folder / "hub").mkdir()
        with Site(folder / "hub", folder / "store") as site, sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
            with closing(browser):
                found = [_run(browser, site) for _ in range(runs)]
    for answered, painted in found:
        print(f"answered after {answered:5.0f} ms, painted after {painted:5.0f} ms")
    median = statistics.median(painted for _, painted in found)
    print(f"median of {runs}: {median:.0f} ms from the request to painted ({_DAYS * 17_280:,} values, 1440 x 900)")


def _run(browser: Browser, site: Site) -> tuple[float, float]:
    """Ms from the request until the answer was there, and until the lines were painted."""
    with closing(_context(browser, site)) as context:
        page = context.new_page()
        page.goto(site.http + _PATH)
        page.wait_for_selector(_DRAWN, timeout=60_000)
        asked, answered, painted = page.evaluate(_TIMES)
    return answered - asked, painted - asked


def _context(browser: Browser, site: Site) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.request.post(f"{site.http}/v1/session", data={"name": site.name, "password": site.password})
    return context


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
