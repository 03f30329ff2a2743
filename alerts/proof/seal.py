"""The hub's seal (Ed25519, RFC 8032): who rewrites a whole case, hashes and all, cannot rewrite this."""

import base64
import binascii
import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hub.errors import HubError

KEY_FILE: Final = "proof.key"
ALGORITHM: Final = "Ed25519"


class BadKey(HubError):
    """A key file or a key on the command line is none."""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `manifest.sig` holds, key and signature in base64."""

    algorithm: str
    key: str
    signature: str


class Seal:
    """Signs with the hub's own key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    def sign(self, data: bytes) -> bytes:
        """The bytes of `manifest.sig` for the manifest's bytes; the same for the same."""
        signature = base64.b64encode(self._key.sign(data)).decode()
        return msgspec.json.encode(Signature(ALGORITHM, self.public, signature)) + b"\n"


def open_seal(data: Path) -> Seal:
    """The seal of the hub whose data lie in this folder; its key is made at the first use, readable by the hub alone.

    Raises:
        BadKey: the key file holds something else.
    """
    path = data / KEY_FILE
    if not path.is_file():
        _make(path)
    try:
        raw = base64.b64decode(path.read_bytes().strip(), validate=True)
        return Seal(Ed25519PrivateKey.from_private_bytes(raw))
    except (ValueError, binascii.Error) as error:
        raise BadKey(f"{path}: expected the 32 bytes of an Ed25519 key in base64") from error


def _make(path: Path) -> None:
    """Put a new key there, unless another process was quicker."""
    raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(raw) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):  # both made one; the first is the key
        os.link(beside, path)
    beside.unlink()


def decode_signature(data: bytes) -> Signature:
    """The signature in these bytes.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: it is none.
    """
    return msgspec.json.decode(data, type=Signature)


def signed(signature: Signature, data: bytes) -> bool:
    """Whether the signature's own key signed `data`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature.key, validate=True))
        key.verify(base64.b64decode(signature.signature, validate=True), data)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return signature.algorithm == ALGORITHM


def check_key(text: str) -> str:
    """A public key as base64, as `GET /v1/proof/key` says it.

    Raises:
        BadKey: it is none.
    """
    try:
        raw = base64.b64decode(text.strip(), validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, binascii.Error) as error:
        raise BadKey(f"{text.strip()[:60]!r}: expected 32 bytes in base64, as GET /v1/proof/key gives them") from error
    return base64.b64encode(raw).decode()
