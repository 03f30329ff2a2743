"""Webhooks: CloudEvents 1.0 in JSON, signed as Standard Webhooks say; the id stays the same over tries."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from contextlib import suppress
from typing import ClassVar, Final
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from alerts.calling import Caller
from alerts.channel import ChannelError, Notification, Receipt
from alerts.pipeline import Receiver
from hub.clock import rfc3339
from hub.config import read_secret
from hub.errors import ConfigError, Fault
from hub.settings import Settings, WebhookSection

_ANSWER_CHARS: Final = 500
_LONGEST_WAIT: Final = 3600.0
_PREFIX: Final = "whsec_"


def sign(secret: bytes, key: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of Standard Webhooks: v1, HMAC-SHA256 over id, timestamp (s) and body."""
    digest = hmac.digest(secret, f"{key}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def read_signing_secret(section: WebhookSection) -> bytes:
    """The bytes that sign for this receiver.

    Raises:
        ConfigError: the secret cannot be read, or is not whsec_ and base64.
    """
    text = read_secret(section.secret)
    with suppress(binascii.Error):
        if text.startswith(_PREFIX) and (secret := base64.b64decode(text.removeprefix(_PREFIX), validate=True)):
            return secret
    message = f"webhook {section.name!r}: the secret is not of the form {_PREFIX}BASE64"
    raise ConfigError([Fault("hub.toml", 0, "notify.webhooks.secret", message)])


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
    raise ConfigError([Fault("hub.toml", 0, "notify.webhooks.url", message)])


def shown_address(url: str) -> str:
    """The URL without user, password and query, where receivers put their secrets."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


class Webhook:
    """POSTs to the receivers of `notify.webhooks`."""

    kind: ClassVar[str] = "webhook"

    def __init__(self, settings: Settings) -> None:
        self._sections = {section.name: section for section in settings.notify.webhooks}
        self._secrets = {name: read_signing_secret(section) for name, section in self._sections.items()}
        self._source = f"/hub/{settings.hub.district}"
        self._zone = ZoneInfo(settings.hub.zone)
        self._urls = {name: read_url(section) for name, section in self._sections.items()}
        self._caller = Caller(settings.notify.timeout)

    def receivers(self) -> Iterable[Receiver]:
        """One per section, read by programs."""
        for each in self._sections.values():
            address = (shown_address(each.url),)
            yield Receiver(each.name, self.kind, address, False, each.levels, each.departments, each.events)

    def send(self, notification: Notification) -> Receipt:
        """POST once; 2xx is delivered.

        Raises:
            ChannelError: anything else.
        """
        section = self._sections.get(notification.receiver)
        if section is None:
            raise ChannelError("the settings name this receiver no more", permanent=True)
        body = self._body(notification)
        timestamp = notification.at // 1000
        headers = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": notification.key,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._secrets[section.name], notification.key, timestamp, body),
        }
        reply = self._caller.post(self._urls[section.name], body, headers)
        answer = reply.answer[:_ANSWER_CHARS]
        if 200 <= reply.status < 300:
            return Receipt("delivered", reply.status, answer)
        again = reply.status == 429 or reply.status >= 500
        raise ChannelError(
            answer or f"HTTP {reply.status}",
            permanent=not again,
            code=reply.status,
            ends=reply.status == 410,
            wait=_retry_after(reply.retry_after) if again else 0.0,
        )

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


def _retry_after(header: str) -> float:
    """Seconds that the receiver asked for, at most an hour; a date, or nonsense, is 0."""
    return min(float(header), _LONGEST_WAIT) if header.isdigit() else 0.0
