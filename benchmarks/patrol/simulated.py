"""Suite S1: streams of the river simulator over a split's sites and all conditions, run side by side in processes of their own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from time import monotonic

from benchmarks.patrol.outcome import Outcome
from benchmarks.patrol.stream import Stream, run


def outcomes(chosen: Sequence[Stream], workers: int, *, minutes: float = 0.0) -> Iterator[Outcome]:
    """Every segment's outcome as it comes; with `minutes` no more are begun after that, and those begun are finished."""
    if workers <= 1:
        begun = monotonic()
        for segment in chosen:
            if not minutes or monotonic() - begun < 60 * minutes:
                yield run(segment)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        begun = monotonic()
        waiting = iter(chosen)
        running = {pool.submit(run, segment) for segment, _ in zip(waiting, range(workers), strict=False)}
        while running:
            done = next(as_completed(running))
            running.discard(done)
            yield done.result()
            following = next(waiting, None)
            if following is not None and (not minutes or monotonic() - begun < 60 * minutes):
                running.add(pool.submit(run, following))
