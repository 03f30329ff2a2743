"""`make bench ARGS="..."`: take every figure, or some, print them, write their sections of benchmarks/RESULTS.md.

make bench                                   # all, about 20 minutes
make bench ARGS="--short"                    # a quick pass of each
make bench ARGS="--only sustained --minutes 10"
make bench ARGS="--only history --days 60"   # also writes benchmarks/HISTORY.md
"""

import argparse
import sys
import time
import traceback
from pathlib import Path
from typing import Final

from benchmarks.figures import FIGURES
from benchmarks.processes import load_average
from benchmarks.result import Result, Scale, missing, table
from benchmarks.sections import merged, section

RESULTS: Final = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    """Take the figures; a figure that could not be taken is a row that says so, and no failure."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=_names, default=list(FIGURES), help=f"some of {','.join(FIGURES)}")
    parser.add_argument("--short", action="store_true", help="a quick pass: figures to look at, not to quote")
    parser.add_argument("--minutes", type=float, default=3.0, help="length of the sustained run (default 3)")
    parser.add_argument("--days", type=_days, help="length of the history that is compared (default 365; short 5)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the page goes")
    given = parser.parse_args()
    scale = Scale(given.short, given.minutes, given.days or (5 if given.short else 365))
    begun = time.monotonic()
    results, taken = [], {}
    for name in given.only:
        rows = _take(name, scale)
        results += rows
        taken[name] = section(rows)
    print(f"\n{table(results)}\n\n{len(results)} rows in {(time.monotonic() - begun) / 60:.1f} min")
    old = given.results.read_text(encoding="utf-8") if given.results.exists() else ""
    given.results.write_text(merged(old, taken, FIGURES), encoding="utf-8")
    return 0


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in FIGURES]:
        raise argparse.ArgumentTypeError(f"no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}")
    return names


def _days(text: str) -> int:
    days = int(text)
    if days < 5 or days % 5:
        raise argparse.ArgumentTypeError("expected a multiple of 5")
    return days


def _take(name: str, scale: Scale) -> list[Result]:
    print(f"== {name} (load {load_average()})", flush=True)
    try:
        return FIGURES[name](scale, lambda sentence: print(f"   {sentence}", flush=True))
    except Exception as error:  # noqa: BLE001 - one figure's failure must not take the others with it; the row says why
        traceback.print_exc()
        return [missing(name, "", f"{type(error).__name__}: {error}".splitlines()[0])]


if __name__ == "__main__":
    sys.exit(main())
