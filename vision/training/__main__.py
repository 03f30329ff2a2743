"""`python -m vision.training`: draw pictures, grow the verifier's forest, say what it reaches at sites it never saw, write the file.

The same arguments give the same file on one machine and one version of each library; the card `docs/models/verifier.md` names them.
"""

import argparse
import hashlib
from pathlib import Path

import cv2
import numpy as np

from vision.learning.teach import Grade, grade
from vision.training.examples import CLASSES, Examples, examples
from vision.training.grow import Growth, grown
from vision.verifier.forest import LARGEST_FILE, Forest, write_forest

MODEL = Path(__file__).parent.parent / "verifier" / "model.npz"
SEED = 20261123


def main() -> None:
    """Read the arguments, train, report, write."""
    asked = _arguments()
    cv2.setNumThreads(1)
    cut = asked.sites - asked.held
    learned = _gathered(range(asked.first, asked.first + cut), asked)
    held = _gathered(range(asked.first + cut, asked.first + asked.sites), asked)
    forest = grown(learned, Growth(asked.trees, seed=asked.seed))
    raw = write_forest(forest)
    if len(raw) > LARGEST_FILE:
        raise SystemExit(f"{len(raw)} bytes: expected at most {LARGEST_FILE}; grow fewer trees")
    asked.out.write_bytes(raw)
    print(f"{len(learned.rows)} examples of {cut} sites, {len(held.rows)} of {asked.held} held back")  # noqa: T201
    print(f"held back: {_judged(forest, held)}")  # noqa: T201
    print(f"{asked.out}: {len(raw)} bytes, SHA-256 {hashlib.sha256(raw).hexdigest()}")  # noqa: T201


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m vision.training", description=__doc__)
    parser.add_argument("--sites", type=int, default=110, help="sites drawn, those held back among them")
    parser.add_argument("--first", type=int, default=1000, help="number of the first site")
    parser.add_argument("--held", type=int, default=20, help="sites held back to judge by")
    parser.add_argument("--each", type=int, default=3, help="pictures of each site")
    parser.add_argument("--trees", type=int, default=Growth().trees)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=MODEL)
    return parser.parse_args()


def _gathered(sites: range, asked: argparse.Namespace) -> Examples:
    return examples(sites, asked.each, asked.seed)


def _judged(forest: Forest, held: Examples) -> Grade:
    nothing = CLASSES.index("nothing")
    return grade(1 - forest.shares(held.rows)[:, nothing], np.asarray(held.kind != nothing))


if __name__ == "__main__":
    main()
