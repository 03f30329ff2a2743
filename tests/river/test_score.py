"""The tool as a whole: a patrol with perfect eyes is found nearly perfect, a blind one is not, and the page keeps what was not run again."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.patrol import page
from benchmarks.patrol.__main__ import main
from benchmarks.patrol.match import Alarm, Pair, Presence, Sight
from benchmarks.patrol.outcome import Outcome
from benchmarks.patrol.robustness import _png
from benchmarks.patrol.segments import START, Segment, segments
from benchmarks.patrol.stills import Still, curve
from benchmarks.patrol.stream import run
from benchmarks.patrol.tally import Tally, cause, tallied
from simulators.river.scene import Traffic, scene
from tests.river.eyes import clear_sighted
from vision.decode.header import BadPicture
from vision.decode.still import decode_still


def test_perfect_eyes_find_what_is_there_and_nothing_else() -> None:
    where = scene("old-bridge", "ripple", Traffic(debris=400, boats=20, birds=30), width=480, height=272)
    tally = tallied([run(Segment(where, 12, 10, 70, 1000), clear_sighted)])
    assert tally.verdicts["hit"] >= 2
    assert not tally.false
    assert tally.days == 70 / 86_400


def test_the_small_form_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--small"]) == 0
    assert "camera-days in 1 streams, 20 frames" in capsys.readouterr().out


def presence(name: str, kind: str, size: float) -> Presence:
    sights = tuple(Sight(START + 500 * number, (0.0, 10.0), (0, 0, 20, 20)) for number in range(20))
    return Presence(f"{name}/0", kind, "bag", size, size**2, sights, counts=True)


def outcome(*alarms: Alarm, there: tuple[Presence, ...] = ()) -> Outcome:
    return Outcome("lock, calm, seed 1", frozenset({"calm"}), 43_200.0, 86_400, there, alarms, {}, ())


def test_a_tally_adds_up_by_hand() -> None:
    there = presence("a", "debris", 0.6), presence("b", "debris", 0.4)
    here = Sight(START + 4000, (0.1, 10.0), None)
    hit = Alarm("1", "debris.item", START + 4000, (here,), 0.66)
    elsewhere = Alarm("2", "debris.item", START + 5000, (Sight(START + 5000, (8.0, 10.0), None),))
    tally = tallied([outcome(hit, elsewhere, there=there[:1]), outcome(there=there[1:])])
    assert tally.by_size["> 0.5 m"].shown().startswith("1.00")
    assert tally.by_size["0.3-0.5 m"].shown().startswith("0.00")
    assert tally.false_rate()[:2] == (1, 1.0)
    assert tally.precision() == 0.5
    assert tally.delays == [4.0]
    assert tally.errors["> 0.5 m"] == [pytest.approx(0.1)]
    assert len(tally.missed) == len(tally.wrong) == 1


def test_a_false_alarm_is_laid_to_what_was_near() -> None:
    gull = replace(presence("g", "bird", 0.4), counts=False)
    alarm = Alarm("1", "debris.item", START, (Sight(START, (1.0, 10.5), None),))
    assert cause(outcome(there=(gull,)), Pair(alarm, "false", None)) == "bird"
    assert cause(outcome(), Pair(alarm, "false", None)) == "water alone"


def test_an_alarm_of_coverage_speaks_of_all_debris_together() -> None:
    alarm = Alarm("1", "debris.coverage", START, (Sight(START, (30.0, 30.0), None),))
    assert [pair.verdict for pair in replace(outcome(alarm), covered={START: 1.4}).of("debris")] == ["small"]
    assert [pair.verdict for pair in replace(outcome(alarm), covered={START: 0.4}).of("debris")] == ["false"]


def test_average_precision_by_hand() -> None:
    box, other = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0)
    found = ((0.9, box), (0.8, (20.0, 20.0, 30.0, 30.0)), (0.7, other), (0.6, box))
    seen = curve([Still("a", (box, other), found)])
    # Right, wrong, right, a second find of what is taken: precision 1, 1/2, 2/3, 1/2 at recall 1/2, 1/2, 1, 1.
    assert seen.average() == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert seen.precision_at(0.5) == 1.0
    assert seen.precision_at(0.9) == pytest.approx(2 / 3)
    assert curve([Still("a", (box,), ())]).average() == 0.0


def test_every_condition_is_in_the_shortest_run_and_sites_are_of_one_split() -> None:
    chosen = list(segments(0.0))
    assert len({segment.scene.condition.name for segment in chosen}) == len(chosen)
    assert {segment.scene.site.split for segment in chosen} == {"test"}
    assert len(list(segments(1.0))) * chosen[0].length == pytest.approx(86_400, rel=0.01)


def test_the_page_keeps_what_was_not_run_again() -> None:
    first = page.merged("", {"S1": "one", "S3": "three"})
    second = page.merged(first, {"S3": "thirty", "S5": "five"})
    assert "\n\none\n" in second
    assert "thirty" in second
    assert "three\n" not in second
    assert second.index("## S1") < second.index("## S3") < second.index("## S5")


def test_a_picture_that_says_it_is_huge_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(BadPicture):
        decode_still(_png(60_000, 60_000))


def test_the_page_shows_an_empty_run() -> None:
    assert "camera-days" in page.seen_streams(replace_seconds(Tally()))


def replace_seconds(tally: Tally) -> Tally:
    tally.seconds = 1.0
    return tally


def test_suites_are_known_by_name(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--suite", "S9", "--page", str(tmp_path / "p.md")])
