"""The page that tells how to add a detector holds: its own example is put into the folder and finds a red thing."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vision.see.drawn import frame, view
from vision import detectors
from vision.detection import Box
from vision.see import Eye

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "add-a-detector.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose files count as detectors beside the shipped ones."""
    monkeypatch.setattr(detectors, "__path__", [*detectors.__path__, str(tmp_path)])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("vision.detectors.") and tmp_path.exists()]:
        if str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def test_one_file_adds_a_detector(folder: Path) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    (folder / "red.py").write_text(example[1])
    assert "red" in detectors.names()
    eye = Eye(view(), chosen=["red"])
    assert eye.version.startswith("red=1#")
    for number in range(12):
        eye.see(frame(number))
    (thing,) = eye.see(frame(12, (240, 200))).detections
    assert thing.detector == "red"
    assert thing.box.overlap(Box(224, 190, 33, 21)) > 0.4


@pytest.mark.parametrize("text", ["", "def detector(view, model):\n    return 7\n"])
def test_a_file_that_is_no_detector_is_named(folder: Path, text: str) -> None:
    (folder / "broken.py").write_text(text)
    with pytest.raises(ValueError, match=r"vision/detectors/broken\.py: expected"):
        detectors.load(view(), ["broken"])


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="expected some of debris"):
        detectors.load(view(), ["unicorns"])
