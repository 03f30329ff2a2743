"""What one item of a data message means to the hub: `w01018-Avg` in hour data is `cod_hour`, in the unit the register keeps."""

import re
from typing import Final

from hub.catalogue import Device
from hub.derived import derived_name, property_named
from hub.units import Conversion, conversion
from ingest.codec import Entry
from ingest.protocols.hj212.words import FACTORS, FACTORS_AT, OF_MOMENT, OF_PERIOD

PERIOD_OF: Final = {"2011": "", "2051": "minute", "2061": "hour", "2031": "day", "2021": "", "2041": ""}
"""The period of the data that a command carries; empty: of the moment."""

RUNNING: Final = "facility_running"
RUN_TIME: Final = "facility_run_time"

_PLANT: Final = re.compile(r"SB(\d{1,3})")
_PLANT_ATTRIBUTES: Final = {"2021": {"RS": RUNNING}, "2041": {"RT": RUN_TIME}}
_DAY_AND_NIGHT: Final = {("Leq", "DayData"): "noise_ld", ("Leq", "NightData"): "noise_ln"}
_BESIDE: Final = frozenset({"Flag", "SampleTime", "EFlag", "ValidNum", "TotalNum", "SN", "Info", "Unit"})


class Unmapped(Exception):
    """An item that becomes no observation: `reason` is a word of `ingest.codec.REASONS`, empty when nothing is wrong with that."""

    def __init__(self, reason: str = "", detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(detail)


class Dialect:
    """How one device's codes become properties: the standard's tables, then what the register says of this device."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        link = entry.device.link
        self._factors = link.factors if link else {}
        self._units = link.units if link else {}

    def meaning(self, cn: str, st: str, code: str, attribute: str) -> tuple[str, Conversion]:
        """The property of an item and the conversion into its unit.

        Raises:
            Unmapped: it is none, or the hub does not know it.
        """
        if (plant := _PLANT.fullmatch(code)) is not None:
            return self._plant(cn, plant[1], attribute)
        if attribute in _BESIDE:
            raise Unmapped
        code_name, sent = self._factor(st, code)
        period = PERIOD_OF[cn]
        if name := _DAY_AND_NIGHT.get((code, attribute)):
            return self._known(derived_name(name, period), sent)
        found = (OF_PERIOD if period else OF_MOMENT).get(attribute)
        if found is None:
            raise Unmapped("bad_value", f"{code}-{attribute}: no attribute of {cn} data (table 9)")
        part, converted = found
        name = derived_name(code_name, period, part, converted=converted)
        return self._known(name, "" if part == "sum" else sent)

    def _factor(self, st: str, code: str) -> tuple[str, str]:
        name, unit = FACTORS_AT.get(st, {}).get(code) or FACTORS.get(code) or ("", "")
        name = self._factors.get(code, name)
        if not name and self._entry.device.auto_properties:
            name = code.lower()
        if not name:
            raise Unmapped(
                "unknown_property", f"{code}: no factor the hub knows; name its property in the device's link"
            )
        return name, self._units.get(code, unit)

    def _plant(self, cn: str, number: str, attribute: str) -> tuple[str, Conversion]:
        name = _PLANT_ATTRIBUTES.get(cn, {}).get(attribute)
        if name is None:
            raise Unmapped("bad_value", f"SB{number}-{attribute}: no attribute of {cn} data (table 9)")
        return self._known(f"{name}_{int(number)}", "h" if name == RUN_TIME else "")

    def _known(self, name: str, unit: str) -> tuple[str, Conversion]:
        if not self._entry.knows(name):
            raise Unmapped("unknown_property", name)
        wanted = self._entry.unit(name)
        if not unit or wanted is None:
            return name, Conversion(1.0, 0.0)
        try:
            return name, conversion(unit, wanted)
        except ValueError as error:
            raise Unmapped("bad_unit", f"{name}: {error}") from None


def dialect_key(device: Device) -> object:
    """Devices with equal keys have equal dialects, and share what was worked out for one of them."""
    link = device.link
    streams = tuple(
        (name, stream.unit or "")
        for name, stream in sorted(device.datastreams.items())
        if stream.unit is not None or property_named(name) is None
    )
    units = tuple(sorted(link.units.items())) if link else ()
    factors = tuple(sorted(link.factors.items())) if link else ()
    return units, factors, streams, device.auto_properties
