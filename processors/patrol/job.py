"""`python -m processors.patrol.job`: one question of `processors.patrol.jobs`, from standard input to standard output."""

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

import msgspec

from hub.pictures import ShownBox
from processors.patrol.jobs import MOST_PICTURES, Job, Preview, PreviewAsked, PreviewPicture, Taught, TeachAsked
from storage.pictures import Pictures
from vision.camera import read_camera
from vision.decode.header import BadPicture
from vision.decode.still import decode_still, work_alone
from vision.detection import Detection
from vision.frame import Frame
from vision.geometry.view import view_of
from vision.learning.site import read_site, write_site
from vision.learning.teach import Example, teach
from vision.see import Eye
from vision.verifier.forest import shipped

HOUR: Final = 3_600_000
SHOWN: Final = 200
SURE: Final = 0.5


def look_back(asked: PreviewAsked) -> Preview:
    """What the draft would have seen: pictures are minutes apart, so nothing is followed, and each counts for itself."""
    config = read_camera(asked.config)
    eye = Eye(view_of(config))
    found = list(Pictures(Path(asked.data)).day(asked.station, asked.start, asked.end))
    step = max(1, -(-len(found) // MOST_PICTURES))
    items, unusable, hours = [], 0, dict[int, list[int]]()
    for seq, (time, path) in enumerate(found[::step]):
        try:
            picture = decode_still(path.read_bytes())
            width = picture.shape[1]
            seen = eye.see(Frame(config.id, time, seq, picture))
        except (BadPicture, OSError, ValueError):
            unusable += 1
            continue
        usable = seen.quality.usable
        unusable += not usable
        boxes = tuple(_box(one, config.width / width) for one in seen.detections if one.score >= SURE) if usable else ()
        items.append(PreviewPicture(time, seen.quality.cause or seen.quality.state, boxes))
        counted = hours.setdefault(time - time % HOUR, [0, 0])
        counted[0] += 1
        counted[1] += len(boxes)
    return Preview(
        len(items),
        sum(bool(one.boxes) for one in items),
        sum(len(one.boxes) for one in items),
        unusable,
        tuple((hour, pictures, seen) for hour, (pictures, seen) in sorted(hours.items())),
        tuple(one for one in items if one.boxes)[-SHOWN:],
    )


def _box(one: Detection, scale: float) -> ShownBox:
    """The box in pixels of the set-up: the stored picture is smaller."""
    x, y, w, h = (round(side * scale) for side in one.box)
    return ShownBox(x, y, w, h, round(one.score, 3), one.label, size_m=one.size_m)


def learn(asked: TeachAsked) -> Taught:
    """The site's verifier, and how it did on what was held back beside the one before."""
    examples = [
        Example(features, confirmed, event, label) for event, confirmed, label, features in asked.labels if features
    ]
    current = None if asked.before is None else read_site(asked.before)
    lesson = teach(examples, shipped(), current)
    judged = {
        "examples": lesson.examples,
        "better": lesson.better,
        "before": asdict(lesson.before),
        "after": asdict(lesson.after),
        "model": lesson.model.digest,
    }
    return Taught(write_site(lesson.model), judged)


def main() -> int:
    """Answer one question."""
    work_alone()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    job: Job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    try:
        answer: Preview | Taught = look_back(job) if isinstance(job, PreviewAsked) else learn(job)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    out.write(msgspec.msgpack.encode(answer))
    out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
