"""All kinds of one camera with their cases: shown every scene, it says what changes."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from vision.events.event import event_id
from vision.rules.claim import Claim, Kind, Scene
from vision.rules.episode import Change, Episode, Episodes, Verdict

Named = tuple[Kind, Change]


class Page(msgspec.Struct, frozen=True):
    """The state of one kind: its own and that of its cases."""

    own: bytes
    episodes: tuple[Episode, ...]
    past: tuple[tuple[int, int], ...]


class Book:
    """The kinds of a camera; `unit` is one metre in pixels."""

    def __init__(self, camera: str, kinds: Sequence[Kind], cooldown_s: float, unit: float) -> None:
        self._camera = camera
        self.kinds = tuple(kinds)
        self._cases = {kind.name: Episodes(kind.timing, cooldown_s, unit) for kind in kinds}

    def step(self, scene: Scene, elapsed: int, *, seen: bool) -> list[Named]:
        """What changes at a scene, `elapsed` ms after the last; kinds that need sight are asked only of what is `seen`."""
        changes: list[Named] = []
        for kind in self.kinds:
            if not seen and not kind.blind:
                continue
            claims = sorted(kind.claims(scene), key=_order)
            found, cooling = self._cases[kind.name].step(scene.time, elapsed, claims)
            changes += [(kind, change) for change in found]
            scene.suppressed.update(("cooldown", track) for claim in cooling for track in claim.tracks)
        return changes

    def finish(self, time: int) -> list[Named]:
        """Close every open case: what judges them ends."""
        return [(kind, Change("close", one)) for kind in self.kinds for one in self._cases[kind.name].finish(time)]

    def judge(self, name: str, verdict: Literal["acknowledged", "rejected"]) -> Episode | None:
        """Take an officer's word on an open event; the case it was said of, None when no open event has this name."""
        said: Verdict = verdict
        for kind, episode in self.open():
            if event_id(self._camera, kind.name, episode.since, episode.birth) == name:
                self._cases[kind.name].judge(episode.since, episode.birth, said)
                return episode
        return None

    def open(self) -> Iterator[tuple[Kind, Episode]]:
        """Every open case."""
        for kind in self.kinds:
            for episode in self._cases[kind.name].all:
                if episode.opened and not episode.closed:
                    yield kind, episode

    def export(self) -> dict[str, Page]:
        """The state of every kind by name."""
        cases = self._cases
        return {kind.name: Page(kind.export(), cases[kind.name].all, cases[kind.name].past) for kind in self.kinds}

    def restore(self, pages: dict[str, Page]) -> None:
        """Take up an exported state; a kind that is new begins anew.

        Raises:
            ValueError: a kind's own state that it cannot read.
        """
        for kind in self.kinds:
            if page := pages.get(kind.name):
                kind.restore(page.own)
                self._cases[kind.name].all, self._cases[kind.name].past = page.episodes, page.past


def _order(claim: Claim) -> tuple[int, int, str]:
    return claim.since, claim.birth, claim.subject
