"""The alert service in a process of its own that kills itself at a chosen step.

`python -m tests.alerts.crashing DATA URL STEP NUMBER`: STEP is `before-commit`, `after-commit`, `before-send`,
`after-send` or `never`; NUMBER says at which occurrence. With `never` it ends once nothing is left to do.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from alerts.channel import Notification, Receipt
from alerts.channels.webhook import Webhook
from alerts.service import AlertService
from hub.buses import open_bus
from hub.clock import SystemClock
from hub.settings import HubSection, NotifySection, SecretRef, Settings, WebhookSection
from storage.records import Records, open_records
from tests.alerts.vendors import SECRET
from tests.engines import wait_until


class Fuse:
    """Kills the process, as kill -9 does, when the chosen step comes for the chosen time."""

    def __init__(self, step: str, number: int) -> None:
        self._step = step
        self._left = number

    def at(self, step: str) -> None:
        """This step is reached."""
        if step == self._step:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class FusedWebhook(Webhook):
    """A webhook channel with the fuse on both sides of the call."""

    fuse: Fuse

    def send(self, notification: Notification) -> Receipt:
        """Send, unless the fuse blows first; it may blow after."""
        self.fuse.at("before-send")
        receipt = super().send(notification)
        self.fuse.at("after-send")
        return receipt


def fused(records: Records, fuse: Fuse) -> Records:
    """The fuse on both sides of every commit of a write transaction."""
    plain = records.begin

    @contextmanager
    def begin() -> Iterator[Connection]:
        with plain() as tx:
            yield tx
            fuse.at("before-commit")
        fuse.at("after-commit")

    records.begin = begin  # type: ignore[method-assign]
    return records


def main(data: Path, url: str, step: str, number: int) -> None:
    """Run the service until the fuse blows, or until nothing is left to do."""
    (data / "secret").write_text(SECRET)
    hook = WebhookSection(name="ops", url=url, secret=SecretRef(file=data / "secret"))
    settings = Settings(
        hub=HubSection(district="zhenhai", data=data), notify=NotifySection(webhooks=(hook,), backoff=(0.05,) * 20)
    )
    FusedWebhook.fuse = Fuse(step, number)
    bus = open_bus("embedded://", data)
    records = open_records("sqlite:///hub.db", data)
    records.migrate()
    service = AlertService(
        bus, fused(records, FusedWebhook.fuse), settings, SystemClock(), {"webhook": FusedWebhook(settings)}, poll=0.05
    )
    service.start()
    wait_until(lambda: _done(service), deadline=600)
    service.stop()
    bus.close()


def _done(service: AlertService) -> bool:
    health = service.health()
    return health.ok and bool(health.lag) and not health.queued + health.unpublished + sum(health.lag.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
