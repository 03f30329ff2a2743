"""`python -m tests.fuzz.run [CODEC ...] [--inputs N]`: broken inputs for codecs, steered by coverage where atheris is installed.

Each module of this folder takes inputs of one codec, runs alone as `python -m tests.fuzz.CODEC -runs=N`, and raises where an input does what it must
not: any error but the codec's own, or memory that grows.
"""

import argparse
import importlib.util
import pkgutil
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

import tests.fuzz

RUNS: Final = 1_000_000
WARM: Final = 2_000
"""Inputs after which caches are full and growth counts."""
MOST_BLOCKS: Final = 150_000
"""Blocks of memory that may come and stay: what caches of bounded size hold when they are full."""
_LONGEST: Final = 1024


Take = Callable[[bytes], None]


class GrewError(Exception):
    """Memory stayed with the codec after its inputs were gone."""


def broken(seeds: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """Seeds cut, spliced, and with bytes changed; the same seed gives the same inputs."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(4)):
            place = chance.randrange(len(data) + 1)
            match chance.randrange(5):
                case 0 if data:
                    data[place - 1] ^= 1 << chance.randrange(8)
                case 1:
                    del data[place : place + chance.randrange(1, 12)]
                case 2:
                    data[place:place] = chance.randbytes(chance.randrange(1, 8))
                case 3:
                    data[place : place + 2] = chance.choice((b"\x00\x00", b"\xff\xff", b"\x7f\xff", b"9", b""))
                case _:
                    other = chance.choice(seeds)
                    data[place:] = other[chance.randrange(len(other) or 1) :]
        yield bytes(data[:_LONGEST])


def guarded(take: Take) -> Take:
    """`take`, which also raises when memory has grown with its inputs.

    Raises:
        GrewError: when that is so.
    """
    taken, begun = 0, 0

    def one(data: bytes) -> None:
        nonlocal taken, begun
        take(data)
        taken += 1
        if taken == WARM:
            begun = sys.getallocatedblocks()
        elif taken > WARM and not taken % 1000 and (grown := sys.getallocatedblocks() - begun) > MOST_BLOCKS:
            raise GrewError(f"{grown} blocks more after {taken} inputs than after {WARM}")

    return one


def try_all(take: Take, inputs: Iterable[bytes]) -> None:
    """Give every input to `take`, and look at the memory."""
    one = guarded(take)
    for data in inputs:
        one(data)


def instrumented(*, earnest: bool) -> AbstractContextManager[object]:
    """Where a target imports what it fires at: in earnest, with atheris, coverage of it steers the inputs."""
    if not earnest or importlib.util.find_spec("atheris") is None:
        return nullcontext()
    import atheris

    found: AbstractContextManager[object] = atheris.instrument_imports(include=["ingest"])
    return found


def fuzz(take: Take, seeds: Sequence[bytes]) -> None:
    """Fire as `-runs=N` of the command line says; atheris ends the process itself. Without it the inputs come by chance."""
    runs = next((int(word.removeprefix("-runs=")) for word in sys.argv if word.startswith("-runs=")), RUNS)
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: inputs by chance", flush=True)  # noqa: T201 - a command's words
        try_all(take, (*seeds, *broken(seeds, runs)))
        return
    import atheris

    with tempfile.TemporaryDirectory() as corpus:
        for place, seed in enumerate(seeds):
            (Path(corpus) / f"seed-{place}").write_bytes(seed)
        atheris.Setup([sys.argv[0], f"-runs={runs}", f"-max_len={_LONGEST}", corpus], guarded(take))
        atheris.Fuzz()


def main() -> int:
    """Each codec in a process of its own; exit 1 when one of them failed."""
    found = sorted(
        module.name for module in pkgutil.iter_modules(tests.fuzz.__path__) if module.name != Path(__file__).stem
    )
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description="Broken inputs for codecs.")
    parser.add_argument("targets", nargs="*", default=found, help=f"some of {', '.join(found)}")
    parser.add_argument("--inputs", type=int, default=RUNS, help="for each")
    given = parser.parse_args()
    failed = []
    for name in given.targets:
        print(f"== {name}", flush=True)  # noqa: T201 - a command's words
        if subprocess.run(
            [sys.executable, "-m", f"tests.fuzz.{name}", f"-runs={given.inputs}"], check=False
        ).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed) or 'none'}")  # noqa: T201 - a command's words
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
