"""A message's readings as `hub decode` lists them, without a register: WGS-84, GMT+8."""

import math
from typing import Any

from hub.model import QUALITY_LETTERS, Check
from ingest.codec import Reading
from ingest.protocols.jt808.bcd_time import to_epoch
from ingest.protocols.jt808.location import Location
from ingest.protocols.jt808.message import Message
from ingest.protocols.jt808.readings import rows


def observed(message: Message) -> list[dict[str, Any]]:
    """Property, time (epoch ms), value, and letter and checks where there are any."""
    values = message.values
    reports = [values["location"]] if isinstance(values.get("location"), Location) else values.get("locations", [])
    found = []
    for location in reports:
        time = to_epoch(location.time)
        if time is not None:
            found += [row for reading in rows(location, time, "wgs84") for row in _rows(reading)]
    return found


def _rows(reading: Reading) -> list[dict[str, Any]]:
    found = []
    for place, (name, value) in enumerate(zip(reading.names, reading.values, strict=True)):
        if math.isnan(value):
            continue
        row: dict[str, Any] = {"property": name, "time": reading.time, "value": value}
        if reading.quality is not None and reading.quality[place]:
            row["quality"] = QUALITY_LETTERS[reading.quality[place]]
        if reading.checks:
            row["checks"] = Check(reading.checks).words()
        found.append(row)
    return found
