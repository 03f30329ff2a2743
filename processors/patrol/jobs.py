"""Questions about stored pictures, answered by a process of their own: a picture may kill whoever opens it, and none of this is quick."""

import os
import subprocess
import sys
import threading
from typing import Any, Final, TypeVar

import msgspec

from hub.errors import HubError
from hub.pictures import ShownBox

LEAST_LABELS: Final = 50
"""Fewer do not tell a site from another (vision study, section 4)."""

LONGEST_S: Final = 120.0
MOST_PICTURES: Final = 720
_one_at_a_time: Final = threading.Semaphore(1)


class JobFailed(HubError):
    """The job did not end as it should; try again later."""


class PreviewAsked(msgspec.Struct, frozen=True, tag="preview"):
    """A draft of a camera's set-up (JSON) and the times [start, end) to look at, epoch ms."""

    data: str
    station: str
    config: bytes
    start: int
    end: int


class TeachAsked(msgspec.Struct, frozen=True, tag="teach"):
    """Labels (event, whether confirmed, what it truly is, what the verifier judged it by) and the verifier that the site has now, None for the shipped one."""

    labels: tuple[tuple[str, bool, str, tuple[float, ...]], ...]
    before: bytes | None


class PreviewPicture(msgspec.Struct, frozen=True):
    """One stored picture: its quality, and what would have been seen."""

    time: int
    quality: str
    boxes: tuple[ShownBox, ...]


class Preview(msgspec.Struct, frozen=True):
    """All pictures looked at; `hours` as (start, pictures, detections)."""

    pictures: int
    with_detections: int
    detections: int
    unusable: int
    hours: tuple[tuple[int, int, int], ...]
    items: tuple[PreviewPicture, ...]


class Taught(msgspec.Struct, frozen=True):
    """A new verifier and how it did on what was held back, beside the one before."""

    model: bytes
    judged: dict[str, Any]


Job = PreviewAsked | TeachAsked
T = TypeVar("T")


def preview(asked: PreviewAsked) -> Preview:
    """What a draft would have seen.

    Raises:
        JobFailed: the process died, took too long, or another one is at work.
    """
    return _run(asked, Preview)


def teach(asked: TeachAsked) -> Taught:
    """A verifier of the site's labels.

    Raises:
        JobFailed: as `preview`.
    """
    return _run(asked, Taught)


def _run(asked: Job, kind: type[T]) -> T:
    if not _one_at_a_time.acquire(timeout=5):
        raise JobFailed("another preview or training is at work; try again in a moment")
    try:
        command = (sys.executable, "-m", "processors.patrol.job")
        done = subprocess.run(
            command, input=msgspec.msgpack.encode(asked), capture_output=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise JobFailed(f"it took longer than {LONGEST_S:g} s") from error
    finally:
        _one_at_a_time.release()
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise JobFailed(f"ended with status {done.returncode}: {said[-1] if said else os.strerror(5)}")
    return msgspec.msgpack.decode(done.stdout, type=kind)
