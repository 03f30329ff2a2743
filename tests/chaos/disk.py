"""A small disk of the test's own that can be filled to the last byte: a tmpfs, so it needs root."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.chaos.faults import Fault, World

_SIZE: Final = "192m"
_PIECE: Final = bytes(64 << 10)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """The folder, with a file system of its own for as long as the block lasts."""
    if os.geteuid() != 0:
        pytest.skip("a file system of one's own can be mounted by root alone")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def full(seconds: float) -> Fault:
    """Not a byte is left on the hub's disk for a while; somebody clears up then."""

    def strike(world: World) -> None:
        ballast = world.hub.data.parent / "ballast"
        _fill(ballast)
        world.done.append(f"disk full for {seconds:g} s")
        try:
            world.last(seconds, seconds)
        finally:
            ballast.unlink()

    return strike


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(_PIECE)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    return
                raise
