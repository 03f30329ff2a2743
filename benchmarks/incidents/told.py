"""From an alert to the webhook of whoever is told, ours beside Alertmanager's, alternated; ours is written down first."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

import httpx
import msgspec

from benchmarks.hub_process import Hub, Plan
from benchmarks.incidents.sent import Sent, bus_of, send
from benchmarks.listeners import SECRET, Arrivals, Heard, webhook
from benchmarks.result import Result, Say, Scale, judged, missing, percentile
from tests.engines import wait_until
from tests.engines.server import Server

P99_MS: Final = 50
FACTOR: Final = 2
_EVERY: Final = 0.1
_LATEST: Final = 20.0
_FIGURE: Final = "alert -> webhook called, level 1"
_REACH: Final = f"p99 <= {FACTOR} x Alertmanager's and <= {P99_MS} ms"
_CONFIG: Final = """
route: {{receiver: bench, group_by: ["..."], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers: [{{name: bench, webhook_configs: [{{url: "{url}", send_resolved: false}}]}}]
"""


class Alertmanager(Server):
    """One node, every alert a group of its own that waits for nothing."""

    script = "alertmanager"


def run(scale: Scale, say: Say) -> list[Result]:
    """One row."""
    count = scale.pick(50, 600)
    if reason := Alertmanager.missing():
        return [missing(_FIGURE, _REACH, reason)]
    with _receiver() as (url, theirs), webhook() as (ours_url, ours):
        peer = Alertmanager.launch({"alertmanager.yml": _CONFIG.format(url=url)})
        try:
            with Hub(Plan(parts=("serve",), webhook=ours_url, secret=SECRET)) as hub, bus_of(hub) as bus:
                sent, posted = [], {}
                with httpx.Client(base_url=f"http://127.0.0.1:{peer.port}", trust_env=False) as client:
                    for number in range(count):
                        sent.append(send(bus, number))
                        time.sleep(_EVERY / 2)
                        posted[f"probe-{number:04}"] = _post(client, number)
                        time.sleep(_EVERY / 2)
                _wait(sent, ours, posted, theirs)
        finally:
            peer.wipe()
    say(f"{count} alerts to each")
    return [_row(sent, ours, posted, theirs)]


def _post(client: httpx.Client, number: int) -> float:
    at = time.time()
    client.post("/api/v2/alerts", json=[{"labels": {"alertname": f"probe-{number:04}"}}]).raise_for_status()
    return at


def _wait(sent: list[Sent], ours: Arrivals, posted: dict[str, float], theirs: dict[str, float]) -> None:
    # What never comes is counted in the row.
    with suppress(AssertionError):
        wait_until(lambda: len(ours.first) >= len(sent) and len(theirs) >= len(posted), _LATEST, "every webhook")


def _row(sent: list[Sent], ours: Arrivals, posted: dict[str, float], theirs: dict[str, float]) -> Result:
    heard = ((ours.first.get(Heard(one.device, one.start)), one.at) for one in sent)
    mine = [(at - begun) * 1000 for at, begun in heard if at is not None]
    peers = [(theirs[name] - at) * 1000 for name, at in posted.items() if name in theirs]
    if not mine or not peers:
        return missing(_FIGURE, _REACH, f"{len(mine)} of ours and {len(peers)} of Alertmanager's came")
    halves = percentile(mine, 0.5), percentile(peers, 0.5)
    most, theirs_most = percentile(mine, 0.99), percentile(peers, 0.99)
    return Result(
        figure=_FIGURE,
        reach=_REACH,
        measured=f"p50 {halves[0]:.1f} ms, p99 {most:.1f} ms; Alertmanager {halves[1]:.1f} ms, {theirs_most:.1f} ms",
        verdict=judged(len(mine) == len(sent) and most <= min(P99_MS, FACTOR * theirs_most)),
        bound="two durable commits: the alert on the bus, then the incident with its notice and the try that begins",
        notes=(
            f"{len(mine)} of {len(sent)} came from the hub, {len(peers)} of {len(posted)} from Alertmanager (Debian's 0.25, group_wait 0s)",
            "ours from before the alert is appended to the durable bus, Alertmanager's from before its POST; its alerts live in memory",
            f"one alert to each every {_EVERY * 1000:.0f} ms; that many make a storm, so most join one incident and are told as alert.fired",
        ),
    )


@contextmanager
def _receiver() -> Iterator[tuple[str, dict[str, float]]]:
    """A receiver of Alertmanager's webhooks: its address, and when each alert's name first came."""
    heard: dict[str, float] = {}

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            at = time.time()
            told = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            for alert in told["alerts"]:
                heard.setdefault(alert["labels"]["alertname"], at)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", heard
    finally:
        server.shutdown()
        server.server_close()
