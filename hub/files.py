"""Writing files so that a reader sees the old or the new one, never a half, and secrets only their owner."""

import json
import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a secret: mode 0600 from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def write_atomic(path: Path, data: bytes) -> None:
    """Replace a file's content in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.replace(path)


def write_json(path: Path, value: object) -> None:
    """Replace a file by `value` as JSON."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=1).encode())
