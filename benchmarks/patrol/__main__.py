"""`make patrol-score ARGS="..."`: judge the patrol by the protocol's suites and write benchmarks/PATROL.md.

make patrol-score                                       # S1 over a hundredth of a camera-day, the others whole
make patrol-score ARGS="--suite S1 --days 30"           # long: as many hours as 30 camera-days take to render
make patrol-score ARGS="--suite S1 --minutes 12"        # as much as 12 minutes give, every condition first
make patrol-score ARGS="--small"                        # one short stream, as the tests run it
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2

from benchmarks.patrol import page, pictures, special
from benchmarks.patrol.backdrops import BACKDROPS
from benchmarks.patrol.composites import AFLOAT, CLEAN, Reel
from benchmarks.patrol.robustness import troubles
from benchmarks.patrol.segments import BUSY, LENGTH_S, Segment, segments
from benchmarks.patrol.simulated import outcomes
from benchmarks.patrol.stills import curve, judged
from benchmarks.patrol.subject import version_of
from benchmarks.patrol.tally import Tally
from simulators.river.scene import scene
from simulators.river.setup import camera_config

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE.parent / "PATROL.md"
PICTURES: Final = HERE.parents[2] / "shared" / "vision"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the asked suites; the page keeps the sections of those not asked for."""
    given = _given(sys.argv[1:] if arguments is None else arguments)
    cv2.setNumThreads(1)
    sections = {}
    for name in given.suite:
        begun = time.monotonic()
        print(f"== {name}", flush=True)
        told = SUITES[name](given)
        if told is None:
            print("   not run: its pictures are not here")
            continue
        version = version_of(camera_config(scene("lock", "calm"), "bench"))
        sections[name] = f"{page.ran(_command(given), version, time.monotonic() - begun)}\n\n{told}"
        print(told, flush=True)
        if not given.small:
            old = given.page.read_text(encoding="utf-8") if given.page.exists() else ""
            given.page.write_text(page.merged(old, sections), encoding="utf-8")
    return 0


def _s1(given: argparse.Namespace) -> str:
    chosen = list(segments(given.days, given.split, seed=given.seed, length=given.length))
    if given.small:
        chosen = [replace(chosen[0], scene=scene("lock", "ripple", BUSY, width=480, height=272), warm_up=10, length=10)]
    by_name = {segment.name: segment for segment in chosen}
    tally = _tallied(chosen, given)
    told = f"{page.seen_streams(tally)}\n\n{page.beside(tally)}\n- sites: {', '.join(sorted({s.scene.site.name for s in chosen}))} ({given.split})"
    if given.small:
        return told
    missed = pictures.misses(tally.missed, by_name, HERE / "pictures" / "misses.jpg")
    wrong = pictures.false_alarms(tally.wrong, by_name, HERE / "pictures" / "false.jpg")
    told += f"\n\nThe {missed} largest misses:\n\n![misses](patrol/pictures/misses.jpg)" if missed else ""
    told += f"\n\nThe {wrong} surest false alarms:\n\n![false alarms](patrol/pictures/false.jpg)" if wrong else ""
    return told


def _s2(given: argparse.Namespace) -> str | None:
    streams = [Reel(item, given.pictures / "clean", AFLOAT, 30 + number, 120) for number, item in enumerate(BACKDROPS)]
    present = [stream for stream in streams if stream.backdrop.pictures(stream.folder)]
    if not present:
        return None
    tally = _tallied(present, given)
    note = "Few seconds of each river exist: they are shown to and fro at 2 frames a second; lenses are assumed."
    return f"{page.seen_streams(tally)}\n\n{page.beside(tally)}\n\n{note}"


def _s4(given: argparse.Namespace) -> str | None:
    streams = [Reel(item, given.pictures / "clean", CLEAN, 40 + number, 45) for number, item in enumerate(BACKDROPS)]
    present = [stream for stream in streams if stream.backdrop.pictures(stream.folder)]
    if not present:
        return None
    rows = []
    for outcome in outcomes(present, given.workers):
        wrong = [alarm.kind for alarm in outcome.alarms if not alarm.kind.startswith("camera.")]
        states = ", ".join(f"{state} {count}" for state, count in outcome.states.most_common())
        rows.append((outcome.name.partition(",")[0], outcome.frames, len(wrong), ", ".join(wrong) or "-", states))
    return page.table(
        ("sequence", "frames counted", "confirmed false alarms", "which", "what the camera was said to be"), rows
    )


def _s3(given: argparse.Namespace) -> str | None:
    stills = list(judged(given.pictures / "debris"))
    return page.photographs(curve(stills), curve(stills, 0.2), len(stills)) if stills else None


def _s5(given: argparse.Namespace) -> str:
    crashes = given.pictures / "robustness"
    return page.bad_input(list(troubles(crashes if crashes.is_dir() else None)))


def _plumes(what: str) -> Callable[[argparse.Namespace], str]:
    def suite(given: argparse.Namespace) -> str:
        chosen = {trial.segment.name: trial for trial in special.trials(what, small=given.small)}
        found = special.Found()
        for outcome in outcomes([trial.segment for trial in chosen.values()], given.workers, minutes=given.minutes):
            found.add(chosen[outcome.name], outcome)
        return page.plumes(what, found)

    return suite


def _tallied(streams: Sequence[Segment] | Sequence[Reel], given: argparse.Namespace) -> Tally:
    tally = Tally()
    for outcome in outcomes(streams, given.workers, minutes=given.minutes):
        tally.add(outcome)
        print(
            f"   {outcome.name}: {len(outcome.events('debris'))} events, {len(outcome.alarms)} alarms, {outcome.busy_ms:.0f} ms",
            flush=True,
        )
    return tally


SUITES: Final[dict[str, Callable[[argparse.Namespace], str | None]]] = {
    "S1": _s1,
    "S2": _s2,
    "S3": _s3,
    "S4": _s4,
    "S5": _s5,
    "colour": _plumes("colour"),
    "smoke": _plumes("smoke"),
}


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.patrol", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suite", type=_suites, default=list(SUITES), help=f"some of {','.join(SUITES)}")
    parser.add_argument("--days", type=float, default=0.01, help="camera-days of S1 to render and count")
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="begin no new stream of a suite after so many minutes (0: no limit)"
    )
    parser.add_argument(
        "--split",
        choices=("test", "training"),
        default="test",
        help="which sites S1 is taken at; thresholds are chosen on training",
    )
    parser.add_argument("--length", type=int, default=LENGTH_S, help="seconds of each stream of S1 that count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="streams side by side")
    parser.add_argument("--small", action="store_true", help="one short stream of S1, no page")
    parser.add_argument(
        "--pictures",
        type=Path,
        default=PICTURES,
        help="real pictures to measure on; suites without theirs are left out",
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page goes")
    given = parser.parse_args(arguments)
    if given.small:
        given.suite, given.workers = ["S1"], 1
    return given


def _suites(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in SUITES]:
        raise argparse.ArgumentTypeError(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    return names


def _command(given: argparse.Namespace) -> str:
    told = f"--suite {','.join(given.suite)} --days {given.days:g} --length {given.length} --seed {given.seed} --split {given.split}"
    return f'make patrol-score ARGS="{told}{f" --minutes {given.minutes:g}" if given.minutes else ""}"'


if __name__ == "__main__":
    sys.exit(main())
