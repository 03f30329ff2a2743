"""Proposals, features, the forest and what a site teaches it."""

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from tests.vision.see.drawn import HEIGHT, WIDTH, picture
from vision.detection import Box
from vision.frame import Image
from vision.learning.site import read_site, write_site
from vision.learning.teach import Example, TooFew, teach
from vision.proposals.blobs import connected, distinct, joined, no_blobs, overlaps
from vision.proposals.spatial import candidates
from vision.proposals.tiles import MOST, tiles
from vision.verifier.features import FEATURES, NAMES, features
from vision.verifier.forest import LARGEST_FILE, read_forest, shipped, write_forest
from vision.verifier.judge import best, verifier

ALL = np.full((HEIGHT, WIDTH), 255, np.uint8)
THING = Box(223, 180, 34, 20)


def lab(bgr: Image) -> Image:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB), np.uint8)


def overlap_with_thing(boxes: np.ndarray) -> float:
    return max((Box(*(int(v) for v in box)).overlap(THING) for box in boxes), default=0.0)


def test_a_thing_is_among_the_candidates_and_the_verifier_puts_it_first() -> None:
    seen = lab(picture(1, (240, 190)))
    blobs = candidates(seen, ALL)
    assert overlap_with_thing(blobs.boxes) > 0.6
    score, labels = verifier().judged(features(seen, blobs))
    first = best(blobs, score)[0]
    assert overlap_with_thing(blobs.boxes[first : first + 1]) > 0.5
    assert labels[first] == "artificial"
    mask = blobs.mask(int(first))
    assert (mask.width, mask.height) == tuple(blobs.boxes[first, 2:])


def test_features_are_finite_in_colour_grey_and_nothing() -> None:
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for bgr in (picture(1, (240, 190)), picture(1, (240, 190), grey=True), black):
        seen = lab(bgr)
        rows = features(seen, candidates(seen, ALL))
        assert rows.shape[1] == len(NAMES)
        assert np.isfinite(rows).all()
    assert features(lab(black), no_blobs(black.shape[:2])).shape == (0, len(NAMES))


def test_features_do_not_depend_on_where_the_thing_is() -> None:
    plain = np.full((200, 200, 3), 100, np.uint8)
    rows = []
    for x in (60, 110):
        bgr = plain.copy()
        cv2.ellipse(bgr, (x, x), (14, 8), 0, 0, 360, (30, 30, 220), -1)
        mask = (bgr[..., 2] > 200).astype(np.uint8)
        rows.append(features(lab(bgr), connected(mask, 3, 0, 5, 5000))[0])
    assert np.allclose(rows[0], rows[1], atol=1e-3)


def test_blobs_of_several_maps_join_and_overlapping_ones_give_way() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 10:30], mask[40:50, 60:70] = 255, 255
    both = joined([connected(mask, 1, 0, 1, 9999), connected(mask, 2, 1, 1, 9999), no_blobs((60, 80))])
    assert len(both) == 4
    kept = both.chosen(distinct(both.boxes, both.level, 0.5))
    assert sorted(map(tuple, kept.boxes.tolist())) == [(10, 10, 20, 10), (60, 40, 10, 10)]
    assert kept.areas().tolist() == [200, 100]
    assert np.allclose(np.diag(overlaps(both.boxes)), 1)
    with pytest.raises(ValueError, match="expected"):
        joined([])


def test_tiles_are_few_and_hold_the_heaviest() -> None:
    mask = np.zeros((540, 960), np.uint8)
    for x in range(20, 950, 90):
        mask[x // 2 : x // 2 + 6, x : x + 6 + x // 60] = 255
    blobs = connected(mask, 1, 0, 1, 9999)
    found = tiles(blobs, blobs.areas(), mask.shape)
    assert len(found) == MOST
    x, y, w, h = blobs.boxes[np.argmax(blobs.areas())]
    assert any(t.x <= x and t.y <= y and x + w <= t.x + t.side and y + h <= t.y + t.side for t in found)


def test_the_shipped_forest_is_small_and_reads_back_the_same() -> None:
    forest = shipped()
    raw = write_forest(forest)
    again = read_forest(raw)
    rows = np.random.default_rng(1).normal(0, 50, (20, len(NAMES))).astype(np.float32)
    assert len(raw) <= LARGEST_FILE
    assert forest.version == FEATURES
    assert again.digest == forest.digest
    assert np.array_equal(forest.shares(rows), again.shares(rows))
    assert np.allclose(forest.shares(rows).sum(axis=1), 1, atol=0.01)


def test_the_card_is_that_of_the_shipped_file() -> None:
    card = Path(__file__).parents[3] / "docs" / "models" / "verifier.md"
    assert shipped().digest in card.read_text()


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"x" * (LARGEST_FILE + 1)])
def test_what_is_no_model_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_forest(raw)


def test_rows_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="features of shape"):
        shipped().shares(np.zeros((3, 2), np.float32))


def site_examples(count: int, seed: int = 1) -> list[Example]:
    """A site where foam is taken for debris: what is bright and low in colour is rejected, whatever the forest says."""
    chance = np.random.default_rng(seed)
    centre = np.linspace(0, 40, len(NAMES))
    found = []
    for number in range(count):
        debris = number % 2 == 0
        row = centre + chance.normal(0, 4, len(NAMES))
        row[NAMES.index("in_chroma")] += 12 if debris else 0
        row[NAMES.index("edge")] += 6 if debris else 0
        found.append(Example(tuple(row.tolist()), debris, f"event-{number}", "" if debris else "foam"))
    return found


def test_fifty_examples_teach_a_site_and_the_judgement_is_on_unseen_ones() -> None:
    lesson = teach(site_examples(60), shipped())
    assert lesson.better
    assert lesson.after.accuracy > lesson.before.accuracy
    fresh = site_examples(80, seed=2)
    rows = np.array([one.features for one in fresh], np.float32)
    judge = verifier(write_site(lesson.model))
    score, _ = judge.judged(rows)
    assert np.mean((score >= 0.5) == [one.debris for one in fresh]) > 0.8
    assert f"+1.{lesson.model.digest[:8]}" in judge.version


def test_words_without_sense_are_judged_no_better_than_chance() -> None:
    reached = []
    for seed in range(6):
        chance = np.random.default_rng(seed)
        rows = [tuple(chance.normal(0, 9, len(NAMES)).tolist()) for _ in range(60)]
        muddled = [Example(row, number % 2 == 0, str(number)) for number, row in enumerate(rows)]
        reached.append(teach(muddled, shipped()).after.accuracy)
    assert 0.35 < np.mean(reached) < 0.62


def test_too_few_or_broken_examples_are_refused() -> None:
    with pytest.raises(TooFew, match="expected 50 together and 8 of each"):
        teach(site_examples(40), shipped())
    with pytest.raises(TooFew):
        teach([one for one in site_examples(120) if one.debris], shipped())
    short = [msgspec.structs.replace(one, features=(1.0,)) for one in site_examples(60)]
    with pytest.raises(ValueError, match="expected"):
        teach(short, shipped())


def test_lessons_count_up_name_their_parent_and_are_the_same_again() -> None:
    first = teach(site_examples(60), shipped()).model
    second = teach(site_examples(70), shipped(), first).model
    assert (second.version, second.parent) == (2, first.digest)
    assert write_site(first) == write_site(teach(site_examples(60), shipped()).model)
    assert read_site(write_site(second)).digest == second.digest
    for raw in (b"", b"{}", write_site(first)[:-9]):
        with pytest.raises(ValueError, match="site model"):
            read_site(raw)
