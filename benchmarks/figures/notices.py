"""How many notices a second go through the outbox to a receiver on this machine, and whether their order per incident stays."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final

import msgspec

from alerts.channels.webhook import Webhook
from alerts.episode import take_transition
from alerts.outbox import OutboxSender
from alerts.telling import Site, Teller
from benchmarks.listeners import SECRET
from benchmarks.result import Result, Say, Scale, judged
from hub.alert import AlertTransition, Target, alert_id
from hub.clock import SystemClock
from hub.files import write_private
from hub.model import Condition
from hub.settings import HubSection, NotifySection, SecretRef, Settings, WebhookSection
from storage.records import Records, notices, open_records

REACH: Final = 500
RECEIVERS: Final = 4
_BEGUN: Final = 1_767_225_600_000
_APART: Final = 90_000
"""More of them within a minute would be a storm, which is one incident."""

Heard = dict[tuple[str, str], list[str]]


def run(scale: Scale, say: Say) -> list[Result]:
    """One row: notices of many incidents, three of each and receiver, all waiting at the start."""
    incidents = scale.pick(100, 500)
    with TemporaryDirectory() as folder, _vendor() as (url, heard):
        settings = _settings(Path(folder), url)
        with closing(open_records(settings.engines.records, Path(folder))) as records:
            records.migrate()
            channel = Webhook(settings)
            _write(records, Teller(Site.of(settings), channel.receivers()), incidents)
            with records.read() as tx:
                count, _ = notices.oldest_open(tx)
            say(f"{count} notices of {incidents} incidents wait for {RECEIVERS} receivers")
            took = _send(records, channel, settings)
    kept = sum(types == ["incident.opened", "alert.fired", "alert.cleared"] for types in heard.values())
    rate = count / took
    row = Result(
        figure="notices through the outbox",
        reach=f">= {REACH}/s, order per incident kept",
        measured=f"{rate:.0f}/s; order kept in {kept} of {incidents * RECEIVERS} lanes",
        verdict=judged(rate >= REACH and kept == incidents * RECEIVERS),
        bound="commits of the records (SQLite, durable) and the receiver, which shares the process",
        notes=(
            f"{count} notices in {took:.1f} s, each signed, posted, answered 204 and written down with its attempt",
        ),
    )
    return [row]


def _settings(folder: Path, url: str) -> Settings:
    write_private(folder / "secret", SECRET)
    secret = SecretRef(file=folder / "secret")
    hooks = tuple(WebhookSection(name=f"r{n}", url=f"{url}/r{n}", secret=secret) for n in range(RECEIVERS))
    return Settings(hub=HubSection(data=folder), notify=NotifySection(webhooks=hooks))


def _write(records: Records, teller: Teller, incidents: int) -> None:
    """Alerts that fire and clear, each its own incident."""
    for number in range(incidents):
        target, begun = Target("district", "water", f"s{number}", "nh3_n"), _BEGUN + number * _APART
        fired = AlertTransition(
            id=alert_id("nh3", target, begun, backfilled=False),
            n=1,
            rule="nh3",
            rule_version=1,
            target=target,
            level=2,
            condition=Condition.ACTIVE,
            at=begun + 60_000,
            received=begun + 60_000,
            breach_start=begun,
            fired=begun + 60_000,
            value=2.4,
            limit=2.0,
            unit="mg/L",
        )
        over = msgspec.structs.replace(
            fired, n=2, condition=Condition.CLEARED, at=begun + 120_000, cleared=begun + 120_000
        )
        with records.begin() as tx:
            take_transition(tx, teller, fired, recorded=begun + 60_000)
            take_transition(tx, teller, over, recorded=begun + 120_000)


def _send(records: Records, channel: Webhook, settings: Settings) -> float:
    """Seconds until nothing waits."""
    sender = OutboxSender(records, {channel.kind: channel}, SystemClock(), settings.notify.backoff)
    begun = time.monotonic()
    sender.start()
    while True:
        with records.read() as tx:
            if not notices.oldest_open(tx)[0]:
                break
        time.sleep(0.05)
    took = time.monotonic() - begun
    sender.close()
    channel.close()
    return took


@contextmanager
def _vendor() -> Iterator[tuple[str, Heard]]:
    """A receiver on a free port that takes everything; its address, and the types it heard by path and incident."""
    heard: Heard = defaultdict(list)

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            event = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
            heard[self.path, event["data"]["incident"]["id"]].append(event["type"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()
