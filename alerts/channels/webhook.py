"""Webhooks: CloudEvents 1.0 in JSON, signed as Standard Webhooks say; the id stays the same over tries."""

from collections.abc import Iterable
from contextlib import suppress
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from alerts.calling import Caller
from alerts.channel import ChannelError, Notification, Receipt
from alerts.pipeline import Receiver
from alerts.standard_webhooks import read_signing_secret, signed_headers
from alerts.vendor import asked_wait
from alerts.ways import ANSWER_CHARS, open_each, shown_address
from hub.clock import rfc3339
from hub.errors import ConfigError, Fault
from hub.settings import Settings, WebhookSection


def read_url(section: WebhookSection) -> SplitResult:
    """The URL in its parts.

    Raises:
        ConfigError: it is not one that can be called.
    """
    parts = urlsplit(section.url)
    with suppress(ValueError):
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return parts
    message = f"webhook {section.name!r}: expected http://host/path or https://host/path"
    raise ConfigError([Fault("hub.toml", 0, f"notify.webhooks.{section.name}.url", message)])


class Webhook:
    """POSTs to the receivers of `notify.webhooks`."""

    kind: ClassVar[str] = "webhook"

    def __init__(self, settings: Settings) -> None:
        self._sections = {section.name: section for section in settings.notify.webhooks}
        self._secrets = open_each(
            self._sections.values(),
            lambda each: read_signing_secret(each.secret, f"notify.webhooks.{each.name}.secret"),
        )
        self._source = f"/hub/{settings.hub.district}"
        self._zone = ZoneInfo(settings.hub.zone)
        self._urls = open_each(self._sections.values(), read_url)
        self._caller = Caller(settings.notify.timeout)

    def receivers(self) -> Iterable[Receiver]:
        """One per section, read by programs."""
        for each in self._sections.values():
            address = (shown_address(each.url),)
            rates, own = each.rates or (), each.address_rates or ()
            yield Receiver(each.name, self.kind, address, False, each.levels, each.departments, each.events, rates, own)

    def send(self, notification: Notification) -> Receipt:
        """POST once; 2xx is delivered.

        Raises:
            ChannelError: anything else.
        """
        section = self._sections.get(notification.receiver)
        if section is None:
            raise ChannelError("the settings name this receiver no more", permanent=True)
        body = self._body(notification)
        headers = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            **signed_headers(self._secrets[section.name], notification.key, notification.at, body),
        }
        reply = self._caller.post(self._urls[section.name], body, headers)
        answer = reply.answer[:ANSWER_CHARS]
        if 200 <= reply.status < 300:
            return Receipt("delivered", reply.status, answer)
        again = reply.status == 429 or reply.status >= 500
        raise ChannelError(
            answer or f"HTTP {reply.status}",
            permanent=not again,
            code=reply.status,
            ends=reply.status == 410,
            wait=asked_wait(reply.retry_after) if again else 0.0,
        )

    def reach(self, receiver: str) -> None:
        """Connect."""
        self._caller.reach(self._urls[receiver])

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def _body(self, notification: Notification) -> bytes:
        event = {
            "specversion": "1.0",
            "id": notification.key,
            "source": self._source,
            "type": notification.type,
            "subject": notification.subject,
            "time": rfc3339(notification.created, self._zone),
            "datacontenttype": "application/json",
            "data": notification.data,
        }
        return msgspec.json.encode(event)
