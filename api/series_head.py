"""Which datastream some rows belong to, as the first members of an answer and the first columns of a file."""

from typing import Final

from api.context import Register
from api.rows import place_of
from storage.series import Series

HEAD: Final = ("department", "kind", "device", "property", "unit")


def head_of(series: Series, register: Register) -> dict[str, str]:
    """The values of HEAD."""
    return {
        **place_of(series.station),
        "property": series.property,
        "unit": register.unit(series.station, series.property),
    }
