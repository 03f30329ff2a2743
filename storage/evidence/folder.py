"""Evidence in a folder, named by the hash of its bytes: the same bytes lie there once, and a name can never mean anything else."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from hub.errors import StoreUnavailable


class EvidenceFolder:
    """The folder of a hub's evidence; what is in it is complete, on the disk, and never changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes; their SHA-256 in hexadecimal, once they are on the disk.

        Raises:
            StoreUnavailable: the disk is full or away.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        place = self.path(sha256)
        if place.is_file():
            return sha256
        beside = place.with_name(f".{sha256[:16]}.{secrets.token_hex(4)}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(place)
            _settle(place.parent)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise StoreUnavailable(f"evidence cannot be kept in {self.folder}: {error.strerror}") from error
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """The bytes, None where they are not, or no more, kept."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None

    def sound(self, sha256: str) -> bool:
        """Whether the bytes are kept and still are what their name says."""
        data = self.read(sha256)
        return data is not None and hashlib.sha256(data).hexdigest() == sha256

    def drop(self, sha256: str) -> bool:
        """Forget the bytes; False when they were not kept. The caller knows that nothing needs them any more."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def path(self, sha256: str) -> Path:
        """Where the bytes lie: in a folder named by the first two digits."""
        return self.folder / sha256[:2] / sha256

    def free(self) -> float:
        """The share of the disk that is free, 0 to 1."""
        place = self.folder
        while not place.exists():
            place = place.parent
        usage = shutil.disk_usage(place)
        return usage.free / usage.total


def folder_at(url: str, data: Path) -> Path:
    """The folder of `file://PATH`; a relative one lies under the hub's data."""
    parts = urlsplit(url)
    return data / (parts.netloc + parts.path)


def _settle(folder: Path) -> None:
    """Have the new name itself on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
