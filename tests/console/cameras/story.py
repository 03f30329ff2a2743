"""Drawn cameras as the patrol leaves them: pictures, set-up, events with evidence, a month of the ledger, labels."""

from collections.abc import Iterator
from functools import cache
from math import sin

import cv2
import msgspec
import numpy as np

from hub.catalogue import Device
from hub.event import DeviceEvent
from hub.evidence import Evidence, EvidenceKind
from hub.pictures import CameraState, Shown, ShownBox, Source
from simulators.river.river import River
from simulators.river.scene import Scene, Traffic, conditions, sites
from simulators.river.setup import camera_config
from storage.evidence import EvidenceFolder
from storage.pictures import Pictures
from storage.records.patrol import cameras, coverage, events, learning
from storage.records.patrol.coverage import HOUR, Hour
from storage.records.patrol.learning import StoredLabel
from storage.records.register import put_device
from storage.records.users import add_user
from tests.api.hub import NOW, PASSWORD, Hub
from vision.camera import CameraConfig, write_camera
from vision.detection import Box
from vision.frame import Image
from vision.geometry.view import view_of
from vision.overlay import Mark, overlay
from vision.verifier.features import NAMES

BRIDGE, LOCK, QUAY, GATE = (f"north/camera/{name}" for name in ("bridge-1", "lock-2", "quay-3", "gate-4"))
DEBRIS, SUSPECT = "a1b2c3d4e5f60718", "b1b2c3d4e5f60718"
SIZE = (640, 360)
_DAY = 24 * HOUR
_NAMES = {
    BRIDGE: ("一号桥", "Bridge 1"),
    LOCK: ("二号船闸", "Lock 2"),
    QUAY: ("三号码头", "Quay 3"),
    GATE: ("四号闸", "Gate 4"),
}
_SITES = {BRIDGE: "old-bridge", LOCK: "lock", QUAY: "quay"}
_BOX = Box(300, 235, 42, 22)


@cache
def scene(station: str) -> Scene:
    """The river before a camera."""
    weather = msgspec.structs.replace(conditions()["calm"], hour=10.0)
    return Scene(sites()[_SITES[station]], weather, Traffic(foam=0, boats=0, birds=0, walkers=0), *SIZE)


@cache
def drawn(station: str) -> Image:
    """What a camera sees."""
    picture, _ = River(scene(station), 7, NOW - HOUR).frame(NOW)
    return np.ascontiguousarray(picture)


def config_of(station: str) -> CameraConfig:
    """What an installer would have entered for it."""
    return camera_config(scene(station), station)


def jpeg(picture: Image) -> bytes:
    """As the camera sends it."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def littered(station: str) -> Image:
    """The river with a plank in it."""
    picture = drawn(station).copy()
    x, y, w, h = _BOX
    cv2.rectangle(picture, (x + 4, y + 6), (x + w - 4, y + h - 6), (40, 60, 90), -1)
    return picture


def tell(hub: Hub) -> None:
    """Four cameras: one sees debris, one is blind with fog, one is not set up, one never showed anything."""
    with hub.records.begin() as tx:
        add_user(tx, "admin", PASSWORD, "admin", actor="test", at=NOW)
        for station, (zh, en) in _NAMES.items():
            put_device(tx, Device(station, zh, en, 121.6, 29.95), actor="test", at=NOW)
        for station in (BRIDGE, LOCK):
            cameras.put(tx, station, write_camera(config_of(station)).decode(), Source(), actor="wang", at=NOW - _DAY)
        coverage.put(tx, list(_ledger()))
        for event in (*_debris(hub), *_fog(), _suspect()):
            events.take(tx, event)
    _show(hub, BRIDGE, "seen", "", 2_000, (ShownBox(*_BOX, 0.91, "artificial", "7", "confirmed", 0.62),))
    _show(hub, LOCK, "blind", "fog", 4_000)
    _show(hub, QUAY, "blind", "not_set_up", 3_000)


def label(hub: Hub, count: int) -> None:
    """So many judged events of the bridge, half of them false; what they were judged by tells them apart."""
    random = np.random.default_rng(3)
    with hub.records.begin() as tx:
        for number in range(count):
            debris = number % 2 == 0
            features = random.normal(0.8 if debris else -0.8, 1.0, len(NAMES))
            said = "confirmed" if debris else "rejected"
            learning.put_label(
                tx, StoredLabel(0, BRIDGE, f"past-{number}", "", said, "", "", tuple(map(float, features)), NOW, "wang")
            )


def keep_day(hub: Hub, count: int = 3) -> None:
    """So many small pictures of the last day, to look back at."""
    for number in range(count):
        Pictures(hub.settings.hub.data).keep(BRIDGE, NOW - (number + 1) * HOUR, jpeg(littered(BRIDGE)))


def _show(hub: Hub, station: str, state: CameraState, cause: str, age: int, boxes: tuple[ShownBox, ...] = ()) -> None:
    plain = littered(station) if boxes else drawn(station)
    marks = [Mark(Box(box.x, box.y, box.w, box.h), f"{box.label} {box.size_m} m", alarm=True) for box in boxes]
    boxed = overlay(plain, view_of(config_of(station)), marks, NOW - age)
    shown = Shown(station, state, cause, NOW - age, NOW - age, *SIZE, 2.0, boxes)
    Pictures(hub.settings.hub.data).show(shown, {"plain": jpeg(plain), "boxes": jpeg(boxed), "blurred": jpeg(plain)})


def _debris(hub: Hub) -> Iterator[DeviceEvent]:
    view, littered_now = view_of(config_of(BRIDGE)), littered(BRIDGE)
    x, y, w, h = _BOX
    pictures: list[tuple[EvidenceKind, str, Image]] = [
        ("frame", "first", drawn(BRIDGE)),
        ("frame", "best", littered_now),
        ("crop", "best", littered_now[y - 20 : y + h + 20, x - 30 : x + w + 30]),
        ("overlay", "best", overlay(littered_now, view, [Mark(_BOX, "artificial 0.6 m", alarm=True)], NOW)),
    ]
    pieces, prev = [], ""
    for kind, role, picture in pictures:
        data = jpeg(picture)
        prev_was, prev = prev, EvidenceFolder(hub.context.evidence).put(data)
        pieces.append(Evidence(prev, kind, "image/jpeg", len(data), NOW - 60_000, role, BRIDGE, prev_was))
    values: dict[str, float | str | bool | None] = {"score": 0.91, "size_m": 0.62, "area_m2": 0.21, "count": 1}
    values |= {"label": "artificial", "zone": "main", "model": "3f2a", "speed_m_s": 0.31}
    values |= {"x": x + w / 2, "y": y + h, "box_x": x, "box_y": y, "box_w": w, "box_h": h}
    values["path"] = " ".join(f"{120 + 20 * step},{200 + 5 * step}" for step in range(10))
    yield _event(BRIDGE, "debris.item", DEBRIS, NOW - 90_000, 3, values, tuple(pieces))


def _fog() -> Iterator[DeviceEvent]:
    yield _event(LOCK, "camera.blind", "c" * 16, NOW - 2 * HOUR, 3, {"cause": "fog"})
    yield _event(BRIDGE, "camera.moved", "d" * 16, NOW - 9 * HOUR, 3, {"cause": "view"})
    ended = _event(BRIDGE, "camera.moved", "d" * 16, NOW - 9 * HOUR, 3, {"cause": "view"})
    yield msgspec.structs.replace(ended, edge="close", time=NOW - 8 * HOUR)


def _suspect() -> DeviceEvent:
    values: dict[str, float | str | bool | None] = {"score": 0.62, "percent": 0.4, "zone": "bank", "uncalibrated": True}
    return _event(BRIDGE, "fishing.suspected", SUSPECT, NOW - 5 * HOUR, 4, values)


def _event(
    station: str,
    kind: str,
    key: str,
    at: int,
    level: int,
    values: dict[str, float | str | bool | None],
    evidence: tuple[Evidence, ...] = (),
) -> DeviceEvent:
    return DeviceEvent("finding", station, at, at, kind, level, "", values, key=key, edge="open", evidence=evidence)


def _ledger() -> Iterator[Hour]:
    """18 days of hours: dark without light at night, fog in the mornings, now and then no stream."""
    start = NOW - 17 * _DAY
    start -= start % HOUR
    for number in range(17 * 24 + 1):
        hour, at = (number + 3) % 24, start + number * HOUR
        share = 0.45 + 0.4 * sin(number / 9)
        blind = {"night": round(HOUR * share)} if hour < 5 else {"fog": round(HOUR * share / 2)} if hour == 7 else {}
        seen = HOUR - sum(blind.values())
        if 200 <= number < 215:
            blind, seen = {}, 0
        yield Hour(BRIDGE, at, min(seen, HOUR), blind, at)
