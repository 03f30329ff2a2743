"""Broken frames by the thousand: each is read, or refused with a reason that is written down; `make fuzz` goes on to a million."""

from tests.fuzz.run import broken, try_all
from tests.fuzz.sl651 import SEEDS, take

COUNT = 5_000


def test_whatever_comes_is_read_or_refused_and_nothing_grows() -> None:
    try_all(take, (*SEEDS, *broken(SEEDS, COUNT)))
