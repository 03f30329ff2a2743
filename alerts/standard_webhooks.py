"""Signing as Standard Webhooks say: v1, HMAC-SHA256 over id, timestamp and body."""

import base64
import binascii
import hashlib
import hmac
from contextlib import suppress
from typing import Final

from hub.config import read_secret
from hub.errors import ConfigError, Fault
from hub.section import SecretRef

_PREFIX: Final = "whsec_"


def sign(secret: bytes, key: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of Standard Webhooks: v1, HMAC-SHA256 over id, timestamp (s) and body."""
    digest = hmac.digest(secret, f"{key}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def signed_headers(secret: bytes, key: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers; `at` is epoch ms."""
    seconds = at // 1000
    return {
        "webhook-id": key,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign(secret, key, seconds, body),
    }


def read_signing_secret(reference: SecretRef, key: str) -> bytes:
    """The bytes that sign; `key` says where in the settings the secret is named.

    Raises:
        ConfigError: the secret cannot be read, or is not whsec_ and base64.
    """
    text = read_secret(reference)
    with suppress(binascii.Error):
        if text.startswith(_PREFIX) and (secret := base64.b64decode(text.removeprefix(_PREFIX), validate=True)):
            return secret
    raise ConfigError([Fault("hub.toml", 0, key, f"the secret is not of the form {_PREFIX}BASE64")])
