"""Forest and site together: how surely a blob is debris, and of what kind."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.detection import Label
from vision.learning.site import SiteModel, read_site
from vision.proposals.blobs import Blobs, Numbers, Whole, distinct
from vision.verifier.features import Features
from vision.verifier.forest import Forest, shipped

SAME: Final = 0.4
_ODDS: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Verifier:
    """The shipped forest, and what a site's officers taught on top of it."""

    forest: Forest
    site: SiteModel | None = None

    @property
    def version(self) -> str:
        """The models that judge, as they are named in events: the forest's hash and the site's version."""
        site = f"+{self.site.version}.{self.site.digest[:8]}" if self.site else ""
        return f"{self.forest.digest[:12]}{site}"

    def judged(self, rows: Features) -> tuple[Numbers, list[Label]]:
        """The score (0 to 1) of every row, and what it would be."""
        shares = self.forest.shares(rows)
        score = 1 - shares[:, 0]
        if self.site is not None:
            score = self.site.scores(rows, log_odds(score))
        kinds: list[Label] = ["organic" if organic > artificial else "artificial" for _, artificial, organic in shares]
        return score, kinds


def verifier(site: bytes | None = None) -> Verifier:
    """The verifier of a site: the shipped forest with the site's own model where there is one.

    Raises:
        ValueError: bytes that are no site model, or one taught on other features.
    """
    return Verifier(shipped(), None if site is None else read_site(site))


def log_odds(score: Numbers) -> Numbers:
    """A score as log odds, kept away from certainty."""
    bounded = np.clip(score, _ODDS, 1 - _ODDS)
    odds: NDArray[np.float64] = np.log(bounded / (1 - bounded))
    return odds


def best(blobs: Blobs, score: Numbers) -> Whole:
    """One blob for each thing: of those that overlap, the one that scores best; best first."""
    return distinct(blobs.boxes, score, SAME)
