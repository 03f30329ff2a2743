"""A worker's free memory goes back to the machine."""

import sys
from pathlib import Path

import pytest

from processors.patrol.memory import give_back
from processors.patrol.wire import Answer, Leave, Request
from processors.patrol.worker import Cameras, serve


def resident() -> int:
    """Pages of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library of Linux gives memory back")
def test_what_a_picture_needed_is_given_back_after_its_answer() -> None:
    give_back()
    held: list[bytearray] = []
    full = [0]

    def ask() -> Request | None:
        if held:
            return None
        # Too small each to be the system's own, and the last holds the heap's end.
        held.extend(bytearray(b"x") * 100_000 for _ in range(400))
        full[0] = resident()
        del held[:-1]
        return Leave("park/camera/c1", 0, 0)

    answers: list[Answer] = []
    serve(Cameras(), ask, answers.append)
    assert len(answers) == 1
    assert full[0] - resident() > 35_000_000 // 4096
