"""Links to one task of one person: signed, expiring, and worth nothing once a character of them is changed."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

import msgspec

ID_LENGTH: Final = 16
MAC_LENGTH: Final = 24
TOKEN_LENGTH: Final = ID_LENGTH + MAC_LENGTH
"""Short enough for a short message: the token names the link, and the link's facts stay in the hub."""

PAGE: Final = "/t/"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: this person may work on this incident until `expires` (epoch ms); `key` names the signing key."""

    id: str
    incident: str
    person: str
    expires: int
    key: str


def link_id(seed: bytes) -> str:
    """The name of a new link, of 12 random bytes."""
    if len(seed) != ID_LENGTH * 3 // 4:
        raise ValueError(f"seed: expected {ID_LENGTH * 3 // 4} bytes, got {len(seed)}")
    return urlsafe_b64encode(seed).decode()


def token_of(link: Link, secret: bytes) -> str:
    """The token: the link's name and the first 144 bits of HMAC-SHA256 over all it says (RFC 2104, section 5)."""
    said = msgspec.json.encode((link.id, link.incident, link.person, link.expires, link.key))
    mac = hmac.digest(secret, b"task link\0" + said, hashlib.sha256)
    return link.id + urlsafe_b64encode(mac[: MAC_LENGTH * 3 // 4]).decode()


def id_in(token: str) -> str | None:
    """The name of the link that a token speaks of, None where it cannot be a token."""
    return token[:ID_LENGTH] if len(token) == TOKEN_LENGTH and token.isascii() else None


def is_signed(token: str, link: Link, secret: bytes) -> bool:
    """Whether the token is this link's, to the last character."""
    return hmac.compare_digest(token.encode("utf-8", "replace"), token_of(link, secret).encode())


def address(public_url: str, token: str) -> str:
    """Where the phone page of a token is."""
    return f"{public_url.rstrip('/')}{PAGE}{token}"


def unlinked(path: str) -> str:
    """The path without the secret of a link, for logs."""
    for prefix in (PAGE, "/v1/tasks/"):
        if path.startswith(prefix):
            rest = path[len(prefix) :]
            return f"{prefix}{rest[: ID_LENGTH // 2]}...{rest[TOKEN_LENGTH:]}"
    return path
