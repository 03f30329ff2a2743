"""The `hub` command as a test runs it: in this process, with streams of its own."""

import io
import sys
from dataclasses import dataclass

import pytest

from hub.__main__ import main


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def hub(*words: str, given: str = "") -> Done:
    """The command in this process: a new one for each would cost a second."""
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for name in ("stdout", "stderr")
    }
    asked = io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        patch.setattr(sys, "argv", ["hub", *words])
        for name, stream in {**streams, "stdin": asked}.items():
            patch.setattr(sys, name, stream)
        with pytest.raises(SystemExit) as ended:
            main()
    texts = {name: stream.buffer.getvalue().decode() for name, stream in streams.items()}
    return Done(int(ended.value.code or 0), texts["stdout"], texts["stderr"])
