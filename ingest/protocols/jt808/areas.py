"""Areas and routes that a terminal watches itself (JT/T 808-2013, 8.35 to 8.42): their layouts, and what a person gives for them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ingest.protocols.jt808.layout import Counted, Hex, Number, Part, Repeated, flagged, newer, numbers

_WATCHED: Final = (
    flagged("flags", 0, Hex("start", 6), Hex("end", 6)),
    flagged("flags", 1, Number("max_speed", 2), Number("over_seconds", 1)),
)
_NIGHT: Final = flagged("flags", 1, newer(Number("night_speed", 2)))
_NAME: Final = newer(Counted("name", 2))
_HEAD: Final[tuple[Part, ...]] = (Number("id", 4), Number("flags", 2))
_DELETE: Final = (Repeated("ids", 1, (Number("id", 4),)),)

AREAS: Final[Mapping[int, tuple[Part, ...]]] = MappingProxyType(
    {
        0x8600: (
            Number("action", 1),
            Repeated("areas", 1, (*_HEAD, *numbers(4, "lat", "lon", "radius"), *_WATCHED, _NIGHT, _NAME)),
        ),
        0x8601: _DELETE,
        0x8602: (
            Number("action", 1),
            Repeated("areas", 1, (*_HEAD, *numbers(4, "lat", "lon", "lat2", "lon2"), *_WATCHED, _NIGHT, _NAME)),
        ),
        0x8603: _DELETE,
        0x8604: (*_HEAD, *_WATCHED, Repeated("points", 2, numbers(4, "lat", "lon")), _NIGHT, _NAME),
        0x8605: _DELETE,
        0x8606: (
            *_HEAD,
            flagged("flags", 0, Hex("start", 6), Hex("end", 6)),
            Repeated(
                "turns",
                2,
                (
                    *numbers(4, "id", "segment", "lat", "lon"),
                    *numbers(1, "width", "flags"),
                    flagged("flags", 0, *numbers(2, "too_long", "too_short")),
                    flagged("flags", 1, Number("max_speed", 2), Number("over_seconds", 1)),
                    _NIGHT,
                ),
            ),
            _NAME,
        ),
        0x8607: _DELETE,
        0x8608: (Number("type", 1), Repeated("ids", 4, (Number("id", 4),))),
    }
)
