"""How well `smoke.suspected` and `water.colour` do: on labelled photographs, and on drawn rivers with known truth.

python -m benchmarks.patrol_kinds stills FOLDER     photographs in images/, YOLO labels in labels/, class 2 smoke
python -m benchmarks.patrol_kinds smoke [SEEDS]     drawn plumes, and the same skies without
python -m benchmarks.patrol_kinds colour [SEEDS]    drawn dye, and whole days of sun and clouds without
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from simulators.river.river import River
from simulators.river.scene import Scene, Traffic, scene
from simulators.river.setup import camera_config
from vision.events.event import PatrolEvent
from vision.frame import Frame
from vision.geometry.view import view_of
from vision.pipeline import Patrol
from vision.see import Eye
from vision.smoke.soft import image_score

START = 1_790_000_000_000
SMOKE = 2


def main() -> None:
    """Measure what the first argument names."""
    what, *rest = sys.argv[1:]
    if what == "stills":
        stills(Path(rest[0]))
    elif what == "smoke":
        smoke(int(rest[0]) if rest else 2)
    else:
        colour(int(rest[0]) if rest else 1)


def stills(folder: Path) -> None:
    """Precision and recall of the score of single pictures, at several limits."""
    truth, scores = [], []
    for path in sorted((folder / "images").iterdir()):
        lines = (folder / "labels" / f"{path.stem}.txt").read_text().splitlines()
        picture = cv2.imread(str(path))
        assert picture is not None
        truth.append(any(line.split()[0] == str(SMOKE) for line in lines if line.strip()))
        scores.append(image_score(np.asarray(picture, np.uint8)))
    for limit in (0.05, 0.1, 0.15, 0.2, 0.3, 0.5):
        told = [score >= limit for score in scores]
        hits = sum(a and b for a, b in zip(truth, told, strict=True))
        print(f"limit {limit:.2f}  precision {hits / max(1, sum(told)):.2f}  recall {hits / max(1, sum(truth)):.2f}")


def smoke(seeds: int) -> None:
    """Plumes that begin after 60 s, and skies without: 300 s each at one picture a second."""
    for site in ("tower", "lookout"):
        for condition in ("calm", "wind", "clouds", "dusk"):
            for seed in range(seeds):
                for at in (60.0, -1.0):
                    drawn = scene(site, condition, Traffic(smoke_at=at))
                    opened = [
                        event for event in events(drawn, seed, 300, 1000, ["smoke"]) if _is(event, "smoke.suspected")
                    ]
                    delays = [round((event.time - START) / 1000 - at) for event in opened]
                    print(
                        f"{site} {condition} seed {seed} smoke {at >= 0}: {len(opened)} events, after {delays} s",
                        flush=True,
                    )


def colour(seeds: int) -> None:
    """Dye of 8 and 14 after two hours, and two whole days without: one picture a minute."""
    for site in ("quay", "lock", "tower"):
        for condition in ("calm", "clouds"):
            for seed in range(seeds):
                for delta, hours in ((14.0, 4), (9.0, 4), (0.0, 48)):
                    traffic = Traffic(dye_at=7200.0 if delta else -1.0, dye_delta=delta)
                    drawn = scene(site, condition, traffic)
                    opened = [e for e in events(drawn, seed, hours * 3600, 60_000, []) if _is(e, "water.colour")]
                    told = [(round((e.time - START) / 60_000, 1), e.values.get("delta_e")) for e in opened]
                    print(
                        f"{site} {condition} seed {seed} dye {delta:g}, {hours} h: {told} (minute, delta-E)", flush=True
                    )


def events(drawn: Scene, seed: int, seconds: int, step: int, detectors: list[str]) -> Iterator[PatrolEvent]:
    """What the patrol says of a drawn river."""
    river = River(drawn, seed, START)
    config = camera_config(drawn, "river/camera/drawn")
    patrol = Patrol(config, Eye(view_of(config), None, detectors), gap_ms=2 * step)
    for number, moment in enumerate(range(START, START + seconds * 1000, step)):
        yield from patrol.step(Frame(config.id, moment, number, river.frame(moment)[0])).events


def _is(event: PatrolEvent, kind: str) -> bool:
    return event.kind == kind and event.state == "open"


if __name__ == "__main__":
    main()
