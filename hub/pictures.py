"""The words of cameras that cross rooms: where pictures are fetched, why they do not come, and what was last seen."""

from enum import StrEnum
from typing import Final, Literal
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec

SCHEMES: Final = ("rtsp", "rtsps", "http", "https", "file", "folder")
STALE_MS: Final = 15_000
"""A picture older than this is no picture of now."""

CameraState = Literal["seen", "blind", "lost", "not_set_up", "unknown"]


class CameraFault(StrEnum):
    """Why a camera's pictures cannot be used; the word is the cause in events, ledger and API."""

    UNREACHABLE = "unreachable"  # nobody answers at the address
    REFUSED = "refused"  # it answers, and gives no pictures: no such path, wrong password
    STALLED = "stalled"  # connected, and no new picture comes
    ENDED = "ended"  # the stream ended
    CRASHED = "crashed"  # the picture killed the process that read it
    BAD_PICTURE = "bad_picture"  # truncated, empty, not of the format it says
    TOO_LARGE = "too_large"  # more pixels or bytes than are taken
    TOO_SLOW = "too_slow"  # a picture takes longer to read than a camera is given
    SIZE_CHANGED = "size_changed"  # other than it was set up with, and of another shape
    CLOCK = "clock"  # its time jumps
    SILENT = "silent"  # it sends its pictures itself, and sent none


class Source(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a camera's pictures are fetched; without `url` it sends them itself.

    `password` is a name in `[patrol.passwords]` of hub.toml, for the user in the URL; a stream gives at most one picture in `every_s` seconds, a snapshot is
    fetched that often; with `key_frames` only those of a stream are decoded, which costs a quarter.

    Raises:
        ValueError: a URL that cannot be one, or with a password in it.
    """

    url: str = ""
    password: str = ""
    every_s: float = 1.0
    key_frames: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if self.url and (parts.scheme not in SCHEMES or not (parts.netloc or parts.path)):
            raise ValueError(f"url: expected one of {', '.join(f'{word}://' for word in SCHEMES)}")
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("url: expected a port from 0 to 65535, or none") from None
        if parts.password is not None:
            raise ValueError("url: a password stands in it; name one of [patrol.passwords] as `password` instead")
        if not 0.05 <= self.every_s <= 3600:
            raise ValueError("every_s: expected 0.05 to 3600 seconds")

    @property
    def scheme(self) -> str:
        """The first word of the URL."""
        return urlsplit(self.url).scheme

    def with_password(self, password: str) -> str:
        """The URL as it is dialled; for nobody's eyes."""
        parts = urlsplit(self.url)
        if not password or parts.username is None:
            return self.url
        user, _, place = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))


class ShownBox(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing drawn on the latest picture, in its pixels; `track` says which one over time, `state` how sure."""

    x: int
    y: int
    w: int
    h: int
    score: float
    label: str
    track: str = ""
    state: str = ""
    size_m: float | None = None


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a camera last showed; times epoch ms, `time` the picture's own."""

    station: str
    state: CameraState
    cause: str = ""
    time: int = 0
    received: int = 0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    boxes: tuple[ShownBox, ...] = ()
