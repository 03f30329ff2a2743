"""The figures, one module each; `run(scale, say)` measures and answers with rows."""

from collections.abc import Callable
from typing import Final

from benchmarks.figures import (
    backlog,
    chain_cost,
    costs,
    demo,
    faust_values,
    field,
    incidents,
    ingest_cost,
    latency,
    notices,
    sustained,
)
from benchmarks.history import compare, curve
from benchmarks.result import Result, Say, Scale

Figure = Callable[[Scale, Say], list[Result]]

FIGURES: Final[dict[str, Figure]] = {
    "sustained": sustained.run,
    "ingest": ingest_cost.run,
    "chain": chain_cost.run,
    "faust": faust_values.run,
    "costs": costs.run,
    "latency": latency.run,
    "backlog": backlog.run,
    "notices": notices.run,
    "incidents": incidents.run,
    "field": field.run,
    "history": compare.run,
    "curve": curve.run,
    "demo": demo.run,
}
"""By the name that `--only` takes, in the order in which they are taken."""
