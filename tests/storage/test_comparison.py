"""The bench's comparison of engines in its smallest form: five days of a thousand series, the same answers from ours, plain rows and plain numpy."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.history.compare import ASKED
from benchmarks.history.load import Load, difference, plain_answers
from benchmarks.history.peers.engine import Engine
from benchmarks.history.peers.ours import Chunks
from benchmarks.history.peers.rows import Rows


def duck(folder: Path) -> Engine:
    pytest.importorskip("duckdb", reason="comes with the bench only")
    from benchmarks.history.peers.duck import Duck

    return Duck(folder)


@pytest.fixture(scope="module")
def load() -> Load:
    return Load(5)


@pytest.fixture(params=[Chunks, lambda folder: Rows(folder, 50_000), duck], ids=["chunks", "rows", "duck"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, load: Load) -> Iterator[Engine]:
    make: Callable[[Path], Engine] = request.param
    with closing(make(tmp_path / "engine")) as engine:
        for batch in load.batches[: None if engine.most is None else engine.most // 5000]:
            engine.write(batch)
        engine.finish()
        if engine.most is not None:
            engine.fill(load)
        yield engine


def test_engines_answer_what_numpy_reckons(engine: Engine, load: Load) -> None:
    right = dict(plain_answers(load))
    assert {asked.name: difference(asked.ask(engine, load), right[asked.name]) for asked in ASKED} == dict.fromkeys(
        right, ""
    )
    assert engine.cpu() > 0
    assert engine.size() > 100_000


def test_a_wrong_answer_is_named(load: Load) -> None:
    right = dict(plain_answers(load))["days"]
    wrong = {**right, "p95": right["p95"].copy()}
    wrong["p95"][7] *= 1 + 1e-8
    assert difference(wrong, right).startswith("p95[7]: ")
    assert difference({"mean": right["mean"]}, right)
    assert difference({name: column[1:] for name, column in right.items()}, right)
