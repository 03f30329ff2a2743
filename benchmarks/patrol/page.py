"""benchmarks/PATROL.md: what was run, and what came of it; a section a suite, those not run again stay as they were."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from benchmarks.machine import facts
from benchmarks.patrol.chance import ranked
from benchmarks.patrol.robustness import Trouble
from benchmarks.patrol.special import WITHIN_S, Found
from benchmarks.patrol.stills import Curve
from benchmarks.patrol.tally import SIZES, Tally, middle

ORDER: Final = ("S1", "S2", "S3", "S4", "S5", "colour", "smoke")
TITLES: Final = {
    "S1": "S1: the river simulator, test sites, all conditions",
    "S2": "S2: drawn debris on real water",
    "S3": "S3: real photographs, each judged alone",
    "S4": "S4: real water without debris",
    "S5": "S5: bad pictures, bad files, bad streams",
    "colour": "V9: the water's colour",
    "smoke": "V10: smoke",
}
_SPLIT: Final = re.compile(r"^## ([^:\n]+):", re.MULTILINE)
_NAMES: Final = {TITLES[name].partition(":")[0]: name for name in ORDER}
_HEAD: Final = """# How well the patrol sees

Written by `make patrol-score`, never by hand. An event is something at least 0.3 m long that is inside the watched water for 3 s or more; an alarm finds it
when both are there at the same time within 0.5 m (or their boxes overlap by a tenth). Further alarms on an event are duplicates. An alarm on debris that is
no event (smaller, shorter, outside) counts neither way. Every other alarm is false. Rates are of rendered time only: nothing is skipped, the first minute of
each stream is fed to the patrol and not counted, and nothing is extrapolated. Intervals are 95 %; the bound of a rate is one-sided and exact (Poisson).
Delay runs from the first frame in which the event is large and visible enough to the frame with which its alarm opens. The drawn river shares no code with
the material that the verifier learned from; thresholds are to be chosen on the training sites only. An event's size is the longest side of its outline.
Conditions of S1 without a line were not reached in the time that the run was given."""


def merged(old: str, sections: Mapping[str, str]) -> str:
    """The page with sections in place of the same ones of the old."""
    parts = _SPLIT.split(old)
    kept = {
        _NAMES[title]: f"## {title}:{body}".rstrip()
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
        if title in _NAMES
    }
    taken = {name: f"## {TITLES[name]}\n\n{body.rstrip()}" for name, body in sections.items()}
    return "\n\n".join([_HEAD, *(text for name in ORDER if (text := {**kept, **taken}.get(name)))]) + "\n"


def ran(command: str, version: str, took: float) -> str:
    """How a section came about."""
    told = [*facts()[:2], f"models {version or 'none'}", f"took {took / 60:.1f} minutes"]
    return f"    {command}\n\n" + "\n".join(f"- {fact}" for fact in told)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def seen_streams(tally: Tally) -> str:
    """What streams led to: the figures of S1 and S2."""
    count, rate, bound = tally.false_rate()
    goals = table(
        ("what", "measured"),
        [
            (
                "rendered and counted",
                f"{tally.days:.4f} camera-days in {tally.segments} streams, {tally.frames} frames",
            ),
            *((f"recall, {size}", tally.by_size[size].shown()) for size in SIZES if size in tally.by_size),
            ("false debris alarms", f"{count}; {rate:.1f} a camera-day, at most {bound:.1f}"),
            ("precision of debris alarms", _share(tally.precision())),
            ("duplicates; on debris that is no event", f"{tally.verdicts['duplicate']}; {tally.verdicts['small']}"),
            ("delay p50, p95", f"{_seconds(tally.delay(0.5))}, {_seconds(tally.delay(0.95))}"),
            *(
                (f"size error, {size}, median and p95", _errors(values))
                for size, values in sorted(tally.errors.items())
            ),
            (
                "CPU a frame, median and worst stream",
                f"{middle(tally.busy):.0f} ms, {max(tally.busy, default=0):.0f} ms",
            ),
            (
                "memory a patrol added, median and worst",
                f"{middle([h / 1e6 for h in tally.held]):.0f} MB, {max(tally.held, default=0) / 1e6:.0f} MB",
            ),
        ],
    )
    return f"{goals}\n\n{by_condition(tally)}"


def by_condition(tally: Tally) -> str:
    """A line for each condition."""
    rows = []
    for word, seconds in tally.seconds_by_word.items():
        recalls = [tally.by_word.get(word, {}).get(size) for size in SIZES]
        false = tally.false_by_word[word]
        shown = (f"{recall.hits}/{recall.events}" if recall else "-" for recall in recalls)
        rows.append((word, f"{seconds / 60:.0f}", *shown, false, f"{100 * middle(tally.blind.get(word, [])):.0f} %"))
    return table(("condition", "minutes", *SIZES, "false", "said it could not see"), rows)


def beside(tally: Tally) -> str:
    """What else was alarmed and found."""
    people = "; ".join(f"{kind} {recall.shown()}" for kind, recall in sorted(tally.others.items())) or "none"
    false = ", ".join(f"{kind} {count}" for kind, count in sorted(tally.false.items())) or "none"
    because = ", ".join(f"{what} {count}" for what, count in tally.because.most_common()) or "none"
    camera = ", ".join(f"{kind} {count}" for kind, count in tally.camera.most_common()) or "none"
    faults = (
        "; ".join(f"{what} {recall.hits} of {recall.events}" for what, recall in sorted(tally.faults.items()))
        or "none in this run"
    )
    classes = (
        ", ".join(f"{cls} {recall.hits}/{recall.events}" for cls, recall in sorted(tally.by_class.items())) or "none"
    )
    return "\n".join(
        [
            f"- found by class: {classes}",
            f"- people: {people}",
            f"- false alarms by kind: {false}; on: {because}",
            f"- camera faults told: {faults}; what was said of cameras: {camera}",
        ]
    )


def photographs(curve: Curve, wide: Curve, pictures: int) -> str:
    """What photographs led to."""
    rows = [
        ("pictures, labels", f"{pictures}, {curve.labels}"),
        ("AP50", f"{curve.average():.3f}"),
        ("precision at recall 0.5", _share(curve.precision_at(0.5))),
        ("greatest recall", f"{max(curve.recall, default=0):.2f}"),
        ("AP at an overlap of 0.2", f"{wide.average():.3f}"),
    ]
    return (
        table(("what", "measured"), rows)
        + "\n\nNone of these pictures was learned from; the whole picture is searched, banks and all."
    )


def bad_input(troubles: Sequence[Trouble]) -> str:
    """What bad input led to."""
    rows = [
        (item.case, item.said.replace("|", "/"), f"{item.seconds:.1f} s", "yes" if item.well else "no")
        for item in troubles
    ]
    return (
        table(("case", "said", "after", "well"), rows) + "\n\nThe process that asked was still there after every case."
    )


def plumes(what: str, found: Found) -> str:
    """What plumes led to."""
    rate, bound = found.rate()
    rows = [
        (f"found within {WITHIN_S[what]} s of being visible", found.recall.shown()),
        (
            "delay, median and longest",
            f"{_seconds(ranked(found.delays, 0.5))}, {_seconds(max(found.delays, default=None))}",
        ),
        ("false", f"{len(found.false)} in {found.seconds / 3600:.1f} h; {rate:.1f} a camera-day, at most {bound:.1f}"),
    ]
    return table(("what", "measured"), rows) + "".join(f"\n- false: {item}" for item in found.false)


def _share(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.2f}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _errors(values: Sequence[float]) -> str:
    return f"{100 * middle(values):.0f} %, {100 * (ranked(values, 0.95) or 0):.0f} % ({len(values)})"
