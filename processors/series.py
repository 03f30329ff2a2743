"""What the series part does with records of `observations`: decode, flag, hand on as columns. Pure; the loop is in `processors.series_role`."""

from dataclasses import replace
from typing import Final

import numpy as np

from hub.batch import Batch, Block, Bytes, Ints
from hub.catalogue import Catalogue
from hub.model import Check
from processors.columns import NEVER, SeriesTable
from processors.quality import Ranges
from storage.series import Incoming

_LATE: Final = np.uint8(Check.LATE)


class Flagger:
    """Sets the hub's own checks on each value: `range` by the catalogue, `late` where a newer value of the series was seen before.

    What was seen lives with the process: after a restart the first value of a series is not late.
    """

    def __init__(self) -> None:
        self._table = SeriesTable()
        self._ranges = Ranges()
        self._last: Ints = np.empty(0, np.int64)
        self._devices: dict[str, object] = {}
        self._version = -1

    def flag(self, batch: Batch, catalogue: Catalogue) -> Incoming:
        """The batch's readings with their checks."""
        self._follow(catalogue)
        numbers = self._table.numbers(batch)
        return Incoming(batch.stations, tuple(self._block(block, numbers, catalogue) for block in batch.blocks))

    def _follow(self, catalogue: Catalogue) -> None:
        if self._version == catalogue.version:
            return
        known, devices = self._devices, catalogue.devices
        changed = {name for name, device in devices.items() if known.get(name) is not device}
        changed |= known.keys() - devices.keys()
        self._ranges.renew(catalogue, self._table.index.keys, changed)
        self._devices, self._version = dict(devices), catalogue.version

    def _block(self, block: Block, numbers: Ints, catalogue: Catalogue) -> Block:
        if not block.value.size:
            return block
        sid = self._table.matrix(block, numbers)
        self._ranges.extend(catalogue, self._table.index.keys)
        more = np.full(len(self._table.index) - len(self._last), NEVER, np.int64)
        self._last = np.concatenate((self._last, more))
        checks: Bytes = self._ranges.check(sid, block.value)
        time = np.broadcast_to(block.time[:, None], sid.shape)
        present = ~np.isnan(block.value)
        newest = self._running(sid[present], time[present])
        checks[present] |= np.where(time[present] < newest, _LATE, np.uint8(0))
        np.maximum.at(self._last, sid[present], time[present])
        if block.checks is not None:
            checks |= block.checks
        return replace(block, checks=checks if checks.any() else block.checks)

    def _running(self, sid: Ints, time: Ints) -> Ints:
        """The newest time of each value's series before it; in a batch a series mostly comes in order, so only the rest is looked at twice."""
        newest = self._last[sid]
        order = np.argsort(sid, kind="stable")
        same = sid[order][1:] == sid[order][:-1]
        if not (same & (time[order][1:] < time[order][:-1])).any():
            return newest
        seen: dict[int, int] = {}
        for place, (number, moment) in enumerate(zip(sid.tolist(), time.tolist(), strict=True)):
            newest[place] = max(newest[place], seen.get(number, NEVER))
            seen[number] = max(moment, seen.get(number, NEVER))
        return newest
