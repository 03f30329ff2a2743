"""A camera that saw something, for the pages and tests that show it."""

from hub.catalogue import Device
from hub.event import DeviceEvent
from hub.evidence import Evidence
from hub.pictures import Shown, ShownBox
from storage.evidence import EvidenceFolder
from storage.pictures import Pictures
from storage.records.patrol import coverage, events
from storage.records.patrol.coverage import Hour
from storage.records.register import put_device
from tests.api.hub import NOW, Hub

CAMERA = "north/camera/bridge-1"
EVENT = "a1b2c3d4e5f60718"


def patrol_story(hub: Hub) -> None:
    """A camera with an open event, its latest picture and an hour of its ledger."""
    shown = (ShownBox(600, 400, 60, 30, 0.91, "artificial", "7", "confirmed", 0.62),)
    latest = Shown(CAMERA, "seen", "", NOW - 2000, NOW - 2000, 1280, 720, 2.0, shown)
    Pictures(hub.settings.hub.data).show(latest, {"plain": b"\xff\xd8\xffplain", "boxes": b"\xff\xd8\xffboxes"})
    sha256 = EvidenceFolder(hub.context.evidence).put(b"\xff\xd8\xffriver"[:7])
    piece = Evidence(sha256, "frame", "image/jpeg", 7, NOW - 60_000, "first", CAMERA)
    values: dict[str, float | str | bool | None] = {"score": 0.91, "size_m": 0.62, "area_m2": 0.21, "count": 1}
    values |= {"x": 630, "y": 430, "zone": "main"}
    text = "0.62 m, artificial, zone main"
    opened = DeviceEvent(
        "finding", CAMERA, NOW - 60_000, NOW, "debris.item", 3, text, values, key=EVENT, edge="open", evidence=(piece,)
    )
    update = DeviceEvent("finding", CAMERA, NOW - 30_000, NOW, "debris.item", 3, text, values, key=EVENT, edge="update")
    with hub.records.begin() as tx:
        put_device(tx, Device(CAMERA, "一号桥", "Bridge 1", 121.6, 29.95), actor="test", at=NOW)
        events.take(tx, opened)
        events.take(tx, update)
        hour = NOW - NOW % coverage.HOUR
        coverage.put(tx, [Hour(CAMERA, hour, 300_000, {"glint": 60_000}, NOW - 2000)])
