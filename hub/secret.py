"""Device secrets: made at random, shown once, kept as PBKDF2-SHA512 in the form of Mosquitto's password file (`$7$`)."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

_ITERATIONS: Final = 101
"""Mosquitto's own count; enough because secrets are 160 random bits, not words that people choose."""

_PARTS: Final = 5


def new_secret() -> str:
    """A new secret of 160 random bits in URL-safe characters."""
    return secrets.token_urlsafe(20)


def hash_secret(secret: str, salt: bytes | None = None) -> str:
    """`$7$iterations$salt$digest`, as `mosquitto_passwd` writes it."""
    salt = secrets.token_bytes(12) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def verify_secret(secret: str, hashed: str) -> bool:
    """Whether `secret` is the one that was hashed; False for anything that is not such a hash."""
    parts = hashed.split("$")
    if len(parts) != _PARTS or parts[1] != "7" or not parts[2].isdigit():
        return False
    try:
        salt, digest = base64.b64decode(parts[3], validate=True), base64.b64decode(parts[4], validate=True)
    except ValueError:
        return False
    computed = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, max(1, int(parts[2])))
    return hmac.compare_digest(computed, digest)
