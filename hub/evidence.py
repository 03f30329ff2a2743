"""What proves something: bytes named by their SHA-256, and what they show."""

from typing import Literal

import msgspec

EvidenceKind = Literal["frame", "crop", "overlay", "thumbnail", "clip", "photo", "window", "document"]


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of evidence; `captured` is when it was taken (epoch ms), `size` its bytes.

    `role` says what it is for: first, best, last, before, after, now. `prev` is the SHA-256 of the piece taken before it in the same event: the chain
    that shows a missing or changed piece. `person` says that it may show people, who are blurred for all but those who work on incidents.
    """

    sha256: str
    kind: EvidenceKind
    media_type: str
    size: int
    captured: int | None = None
    role: str = ""
    device: str = ""
    prev: str = ""
    person: bool = False
