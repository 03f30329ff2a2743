"""Frames, boxes and masks: what is refused, and that nothing is lost on the way through runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.detection import Box, Mask
from vision.frame import Frame
from vision.state import pack, unpack

masks = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**31)).map(
    lambda given: np.random.default_rng(given[2]).random(given[:2]) < 0.4
)


@settings(max_examples=80, deadline=None)
@given(masks)
def test_a_mask_comes_back_from_its_runs(pixels: np.ndarray) -> None:
    mask = Mask.of(pixels)
    assert np.array_equal(mask.pixels(), pixels)
    assert mask.area == pixels.sum()
    assert all(length > 0 for length in mask.runs[1:])


@pytest.mark.parametrize(
    ("width", "height", "runs"), [(0, 1, (0,)), (2, 2, (5,)), (2, 2, (-1, 5)), (2, 2, ()), (10**6, 10**6, (10**12,))]
)
def test_runs_that_fill_no_mask_are_refused(width: int, height: int, runs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Mask(width, height, runs)


@pytest.mark.parametrize(
    "bgr",
    [
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 64, 3), np.float32),
        np.zeros((0, 64, 3), np.uint8),
        np.zeros((16, 64, 3), np.uint8),
        np.zeros((1, 9000, 3), np.uint8),
        None,
    ],
)
def test_what_is_no_picture_is_refused_in_words(bgr: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected"):
        Frame("c", 0, 0, bgr)


def test_boxes_overlap_as_areas_do() -> None:
    box = Box(0, 0, 10, 10)
    assert box.overlap(box) == 1
    assert box.overlap(Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert box.overlap(Box(20, 20, 1, 1)) == 0
    assert Box(2, 2, 4, 4).inside(box) == 1
    assert box.foot == (5, 10)


def test_state_comes_back_and_hostile_bytes_do_not() -> None:
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    held = {"a": rows, "b": [1, None, {"c": np.zeros(0, np.uint8)}], "d": -1.5}
    again = unpack(pack(held))
    assert np.array_equal(again["a"], rows)
    assert again["b"][2]["c"].dtype == np.uint8
    assert pack(again) == pack(held)
    for raw in (b"", b"no", pack({})[:-3], pack(held)[3:]):
        with pytest.raises(ValueError, match="state"):
            unpack(raw)
