"""`docs/patrol-events.md` tells every key that an event's `values` can have."""

import re
from pathlib import Path

from processors.patrol.words import device_event
from vision.detection import Box
from vision.events.event import PatrolEvent

PAGE = (Path(__file__).parents[2] / "docs" / "patrol-events.md").read_text(encoding="utf-8")


def test_every_key_of_an_event_of_which_everything_is_known_stands_on_the_page() -> None:
    event = PatrolEvent(
        event_id="1f",
        kind="debris.item",
        level=3,
        state="open",
        camera="north/camera/bridge-1",
        time=4000,
        start=1000,
        confirmed=3000,
        seen=4000,
        uncalibrated=True,
        model_version="one",
        config_hash="2e",
        acknowledged=True,
        path=((1000, 5.0, 6.5), (2000, 7.0, 8.0)),
        size_m=0.5,
        area_m2=0.2,
        percent=0.1,
        pixel=(7.0, 8.0),
        metre=(1.0, 2.0),
        lonlat=(121.6, 29.9),
        speed_m_s=0.4,
        zone="river",
        label="artificial",
        box=Box(1, 2, 3, 4),
        cause="why",
        values={"delta_e": 9.0},
    )
    values = device_event(event, 5000).values
    assert values["path"] == "5,6.5 7,8"
    told = set(re.findall(r"`(\w+)`", PAGE.split("| key of `values` |")[1].split("## Evidence")[0]))
    known = {name for name in values if not name.startswith("measured_")}
    assert known <= told
    assert told - known == {"measured_NAME", "pictures", "free"}
