"""What the tests of SensorThings ask about: two stations, a vehicle, and how to ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
from fastapi import FastAPI

from hub.batch import Block
from hub.catalogue import Device
from storage.records.register import put_device
from storage.series import Incoming, SeriesStore
from tests.api.hub import AIR, NOW, WATER, Asker, Hub
from tests.engines.waiting import wait_until

ROOT = "/sta/v1.1"
MINUTE = 60_000
COUNT = 200
TIMES = [NOW - i * MINUTE for i in range(COUNT, 0, -1)]
TRUCK = "north/vehicle/truck-1"
PH = "north~water~st-1~ph"
NH3 = "north~water~st-1~nh3_n"
PM = "south~air~st-2~pm2_5"
QUALITY = [2 if i % 10 == 3 else 0 for i in range(COUNT)]
CHECKS = [1 if i % 25 == 7 else 0 for i in range(COUNT)]


@dataclass
class World:
    """One application and its store."""

    hub: Hub
    app: FastAPI
    store: SeriesStore
    asker: Asker

    def ask(self, path: str, who: str | None = "admin", **options: Any) -> httpx.Response:
        """GET below the service root, written as people write it."""
        token = None if who is None else self.hub.tokens[who]
        return self.asker.ask("GET", ROOT + quote(path, safe="/?&=$(),;:'*@-~%+"), token, **options)

    def get(self, path: str, who: str = "admin") -> Any:
        """The JSON of a good answer."""
        answer = self.ask(path, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, path: str, who: str = "admin") -> list[str]:
        """The ids of a set's page."""
        return [one["@iot.id"] for one in self.get(path, who)["value"]]

    def pages(self, path: str) -> Iterator[list[dict[str, Any]]]:
        """Every page of a set."""
        body = self.get(path)
        yield body["value"]
        while "@iot.nextLink" in body:
            link = body["@iot.nextLink"].removeprefix("http://hub")
            body = self.asker.ask("GET", link, self.hub.tokens["admin"]).json()
            yield body["value"]

    def close(self) -> None:
        """End the application."""
        self.asker.close()


def incoming(station: str, values: dict[str, list[float]], times: list[int]) -> Incoming:
    """Readings with every tenth value marked by its device and every 25th by the hub."""
    matrix = np.array(list(values.values()), float).T
    shape = matrix.shape
    flags = (np.repeat(np.array(column[: len(times)], np.uint8)[:, None], shape[1], 1) for column in (QUALITY, CHECKS))
    return Incoming(
        (station,), (Block(tuple(values), np.zeros(len(times), np.uint32), np.array(times), matrix, *flags),)
    )


def register_truck(hub: Hub) -> None:
    """A vehicle in the register, known to the application."""
    with hub.records.begin() as tx:
        put_device(tx, Device(TRUCK, "渣土车一号", "Truck 1", period_ms=MINUTE), actor="test", at=NOW)
    hub.publisher.publish()
    wait_until(lambda: TRUCK in hub.context.register.now().devices)


def fill(world: World) -> None:
    """Register the vehicle and store the values."""
    register_truck(world.hub)
    track = {"lon": [121.5 + i / 1000 for i in range(COUNT)], "lat": [29.9 + i / 2000 for i in range(COUNT)]}
    world.store.write(
        [
            incoming(
                WATER, {"ph": [7 + i / 100 for i in range(COUNT)], "nh3_n": [i / 10 for i in range(COUNT)]}, TIMES
            ),
            incoming(AIR, {"pm2_5": [float(i) for i in range(COUNT)]}, TIMES),
            incoming(TRUCK, {**track, "speed": [float(i % 60) for i in range(COUNT)]}, TIMES),
        ]
    )
