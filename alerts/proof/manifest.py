"""The manifest of a case: every file with its size and SHA-256, the last hash of every chain, and the seal over all of it."""

import hashlib
from typing import Final

import msgspec

FORMAT: Final = "streamwarden-manifest/1"


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the case."""

    name: str
    size: int
    sha256: str


class Heads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last hash of each chain: the incident's log, and each alert's by its id."""

    incident: str
    alerts: dict[str, str]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in a case. `content` is the hash of everything before it; the report prints it, so it stands outside."""

    format: str
    incident: str
    number: str
    version: int
    heads: Heads
    files: tuple[File, ...]
    content: str
    report: File | None

    def every(self) -> tuple[File, ...]:
        """All files but the manifest and its signature."""
        return self.files if self.report is None else (*self.files, self.report)


def content_hash(incident: str, number: str, version: int, heads: Heads, files: tuple[File, ...]) -> str:
    """The SHA-256 that names what a case says, whatever language its report is in."""
    words = (FORMAT, incident, number, version, heads, files)
    return hashlib.sha256(msgspec.json.encode(words, order="sorted")).hexdigest()


def encode_manifest(manifest: Manifest) -> bytes:
    """The bytes of `manifest.json`: one a line for the eye, the same for the same case."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1) + b"\n"


def decode_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: it is none.
    """
    return msgspec.json.decode(data, type=Manifest)
