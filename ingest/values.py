"""A value on its way from the unit a device speaks to the unit the register keeps."""

from typing import Any, Final

from hub.errors import Refused
from hub.units import conversion
from ingest.codec import Entry
from ingest.document import number, shown

MOST_PROPERTIES: Final = 1000
"""Properties one reading may have; no logger has more channels, and a row must fit into a batch."""


def in_unit(name: str, value: float, unit: Any, entry: Entry) -> float:
    """The value in the unit in which the register keeps the property.

    Raises:
        Refused: bad_unit.
    """
    wanted = entry.unit(name)
    if unit is None or wanted is None:
        return value
    if not isinstance(unit, str):
        raise Refused("bad_unit", f"{name}: expected the unit as text, got {shown(unit)}")
    try:
        return number(conversion(unit, wanted)(value), name)
    except ValueError as error:
        raise Refused("bad_unit", f"{name}: {error}") from None
