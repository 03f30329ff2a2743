"""Cameras of the register with what is known of each, for those who may see them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from api.context import Context
from api.identity import Identity
from api.problem import Problem
from hub.catalogue import Device
from hub.model import Station
from storage.pictures import Pictures
from storage.records.patrol import cameras
from storage.records.patrol.cameras import StoredCamera
from storage.records.register import get_device, list_devices


@dataclass(frozen=True, slots=True)
class Camera:
    """A registered camera and its set-up, if it has one."""

    device: Device
    stored: StoredCamera | None

    @property
    def station(self) -> str:
        """The station."""
        return self.device.station


def camera_of_path(tx: Connection, who: Identity, department: str, device: str) -> Camera:
    """The camera that a path names.

    Raises:
        Problem: `forbidden`, or `not-found`.
    """
    who.need_department(department)
    station = f"{department}/camera/{device}"
    entry = get_device(tx, station)
    if entry is None:
        raise Problem("not-found", f"There is no camera {station} in the register", zh=f"没有登记摄像机 {station}")
    return Camera(entry, cameras.get(tx, station))


def cameras_named(tx: Connection, who: Identity, words: tuple[str, ...]) -> list[str]:
    """The stations of these cameras that the caller may see; without words all that the register or the ledger knows.

    Raises:
        Problem: `forbidden`.
    """
    if words:
        for word in words:
            who.need_department(Station.parse(word).department)
        return list(words)
    page = list_devices(tx, department_id=who.department, kind="camera", limit=10_000)
    return [device.station for device in page.items]


def pictures_of(context: Context) -> Pictures:
    """The folder of the cameras' latest pictures."""
    return Pictures(context.settings.hub.data)
