"""A hub's API and console over a real chunk store that holds years: three river sections by the quarter of an hour, and one probe that sends every 5 s."""

import asyncio
import dataclasses
import socket
import threading
from pathlib import Path
from typing import Final, Self

import msgspec
import numpy as np

from api.app import create_app
from api.presence import Presence
from api.server import serve
from hub.batch import Block, Bytes, Floats, Ints
from hub.catalogue import Datastream, Device
from hub.model import QUALITY_CODE, Check
from hub.rule import Rule
from storage.chunks import ChunkStore
from storage.records.register import get_device, put_device
from storage.records.rules import put_rule
from storage.series import Incoming
from tests.api.hub import NOW, PASSWORD, Hub, make_hub

DAY: Final = 86_400_000
QUARTER: Final = 900_000
NAMES: Final = {
    "north/water/w-03": ("沿江三号站", "Riverside 3"),
    "north/water/w-07": ("骆驼桥站", "Camel Bridge"),
    "north/water/w-11": ("汇源断面", "Huiyuan section"),
    "north/water/probe": ("沿江五秒探头", "Riverside probe, 5 s"),
}
SECTIONS: Final = tuple(NAMES)[:3]
PROBE: Final = "north/water/probe"
PEAK: Final = 37.25
PEAK_TIME: Final = NOW - 2 * DAY - 12_345_000 - NOW % 5000


def fill(store: ChunkStore, days: int, probe_days: int) -> None:
    """`days` of the sections and `probe_days` of the probe, the same at each call."""
    for number, station in enumerate(SECTIONS):
        time = np.arange(NOW - NOW % QUARTER - days * DAY, NOW, QUARTER, dtype=np.int64)
        _write(store, station, *_section(time, number))
    if probe_days:
        time = np.arange(NOW - NOW % 5000 - probe_days * DAY, NOW, 5000, dtype=np.int64)
        for begin in range(0, len(time), 120_000):
            part = time[begin : begin + 120_000]
            value = 12 + 4 * np.sin(part / (9.1 * DAY)) + np.random.default_rng(begin).normal(0, 0.4, len(part))
            value[part == PEAK_TIME] = PEAK
            _write(
                store, PROBE, part, {"turbidity": value}, np.zeros(len(part), np.uint8), np.zeros(len(part), np.uint8)
            )
            store.maintain(NOW)


def _section(time: Ints, number: int) -> tuple[Ints, dict[str, Floats], Bytes, Bytes]:
    random = np.random.default_rng(number)
    phase, years = number * 1.7, time / (365.25 * DAY) * 2 * np.pi
    slow = np.convolve(random.normal(0, 1, len(time) + 959), np.full(960, 1 / 31), "valid")[: len(time)]
    base = 0.36 + 0.1 * np.sin(3 * years + phase) + 0.09 * slow + 0.02 * np.sin(time / DAY * 2 * np.pi)
    nh3 = np.maximum(base + random.normal(0, 0.025, len(time)), 0.03)
    if number == 0:
        away = (time - (NOW - 96 * DAY)) / (3.2 * DAY)
        nh3 = nh3 + 1.05 * np.exp(-(away**2))
    values = {
        "nh3_n": nh3,
        "tp": np.maximum(0.11 + 0.2 * (nh3 - 0.36) + random.normal(0, 0.008, len(time)), 0.01),
        "cod_mn": 3.4 + 2 * nh3 + random.normal(0, 0.15, len(time)),
        "do": np.maximum(8.2 - 2.6 * nh3 + 1.5 * np.sin(years), 0.5) + random.normal(0, 0.1, len(time)),
        "ph": 7.4 + 0.2 * np.sin(time / DAY * 2 * np.pi) + random.normal(0, 0.03, len(time)),
    }
    quality, checks = np.zeros(len(time), np.uint8), np.zeros(len(time), np.uint8)
    back = NOW - time
    quality[(back > 236 * DAY) & (back < 246 * DAY) & (number == 0)] = QUALITY_CODE["C"]
    quality[(back > 60 * DAY) & (back < 62 * DAY) & (number == 1)] = QUALITY_CODE["M"]
    quality[(back > 150 * DAY) & (back < 151 * DAY) & (number == 2)] = QUALITY_CODE["D"]
    odd = (np.arange(len(time)) % 9973 == 5000 + number) & (quality == 0)
    checks[odd] = int(Check.RANGE)
    kept = ~((back > 322 * DAY) & (back < 325 * DAY) & (number < 2)) & ~(
        (back > 20 * DAY) & (back < 26 * DAY) & (number == 2)
    )
    return time[kept], {name: value[kept] for name, value in values.items()}, quality[kept], checks[kept]


def _write(
    store: ChunkStore, station: str, time: Ints, values: dict[str, Floats], quality: Bytes, checks: Bytes
) -> None:
    matrix, count = np.column_stack(list(values.values())), len(values)
    flags = (np.repeat(one[:, None], count, axis=1) for one in (quality, checks))
    store.write([Incoming((station,), (Block(tuple(values), np.zeros(len(time), np.uint32), time, matrix, *flags),))])


def _section_entry(entry: Device) -> Device:
    streams = {"nh3_n": Datastream(), "ph": Datastream()}
    return msgspec.structs.replace(entry, water_body="river", target_class="III", datastreams=streams)


def _register(hub: Hub) -> None:
    with hub.records.begin() as tx:
        for station, (zh, en) in NAMES.items():
            period = 5_000 if station == PROBE else QUARTER
            entry = Device(station, zh, en, 121.7, 29.95, period_ms=period)
            put_device(tx, entry if station == PROBE else _section_entry(entry), actor="test", at=NOW)
        rule = Rule(
            "tp-class",
            0,
            "level",
            name_zh="总磷超标",
            name_en="Phosphorus high",
            property="tp",
            limits={2: "gb3838:III"},
        )
        put_rule(tx, rule, actor="test", at=NOW)
    hub.publisher.publish()
    for station in NAMES:
        with hub.records.read() as tx:
            known = get_device(tx, station)
        assert known is not None
        assert hub.context.register.wait_for(known)


class Site:
    """The application over the store that lies in `store`, answering on a free port within `with`."""

    def __init__(self, folder: Path, store: Path) -> None:
        self._hub = make_hub(folder)
        _register(self._hub)
        self._store = ChunkStore(store, readonly=True)
        presence = Presence(self._store, self._hub.clock)
        context = dataclasses.replace(self._hub.context, series=self._store, presence=presence)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.http = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.name, self.password = "wang", PASSWORD
        self._stop = threading.Event()
        serving = serve(create_app(context), self._listener, self._stop)
        self._thread = threading.Thread(target=asyncio.run, args=(serving,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)
        self._store.close()
        self._hub.close()
