"""The bodies of messages, both ways (JT/T 808-2013, chapter 8, with what 2011 and 2019 have otherwise; T/JSATL 12-2017, 4.5 and 4.6)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ingest.protocols.jt808.areas import AREAS
from ingest.protocols.jt808.layout import (
    Counted,
    CountedHex,
    Hex,
    Number,
    Part,
    Repeated,
    Rest,
    Text,
    When,
    after,
    newer,
    numbers,
    older,
)
from ingest.protocols.jt808.reports import Batch, Report

_IDS: Final = Repeated("ids", 1, (Number("id", 4),))
_PARAMETERS: Final = Repeated("parameters", 1, (Number("id", 4), CountedHex("value")))
_PACKAGES: Final = (Number("number", 2),)
_RESEND: Final = (
    Number("reply_serial", 2),
    older(Repeated("packages", 1, _PACKAGES)),
    newer(Repeated("packages", 2, _PACKAGES)),
)
_REPLY: Final = (Number("reply_serial", 2), Number("reply_id", 2), Number("result", 1))
_MARK: Final[tuple[Part, ...]] = (Text("terminal", 7), Hex("time", 6), *numbers(1, "number", "attachments", "reserved"))
_FILE: Final = (Counted("name"), Number("type", 1), Number("size", 4))


def _made_by(edition: int, maker: int, model: int, terminal: int) -> Part:
    """Who made the terminal: the widths of the fields are the edition's."""
    parts = (Text("maker", maker), Text("model", model), Text("terminal", terminal))
    return When(lambda _, of: of == edition, parts)


_REGISTRATION: Final = (
    *numbers(2, "province", "city"),
    _made_by(2011, 5, 8, 7),
    _made_by(2013, 5, 20, 7),
    _made_by(2019, 11, 30, 30),
    Number("plate_colour", 1),
    Rest("plate"),
)
_AUTHENTICATION: Final[tuple[Part, ...]] = (
    older(Rest("auth")),
    newer(Counted("auth"), Text("imei", 15), Text("sw", 20)),
)
_ATTRIBUTES: Final[tuple[Part, ...]] = (
    Number("type", 2),
    Text("maker", 5),
    older(Text("model", 20), Text("terminal", 7)),
    newer(Text("model", 30), Text("terminal", 30)),
    Hex("iccid", 10),
    Counted("hardware"),
    Counted("firmware"),
    *numbers(1, "gnss", "communication"),
)
_DRIVER: Final[tuple[Part, ...]] = (
    When(
        lambda _, edition: edition >= 2013,
        (
            Number("status", 1),
            Hex("time", 6),
            When(
                lambda values, _: values.get("status") == 1,
                (
                    Number("card", 1),
                    after(
                        "card",
                        Counted("name"),
                        Text("licence", 20),
                        Counted("agency"),
                        Hex("valid_until", 4),
                        newer(Text("identity_card", 20)),
                    ),
                ),
            ),
        ),
    ),
    When(
        lambda _, edition: edition < 2013,
        (Counted("name"), Text("identity_card", 20), Text("licence", 40), Counted("agency")),
    ),
)
_MEDIA_FOUND: Final = (
    Number("reply_serial", 2),
    Repeated(
        "items",
        2,
        (
            When(lambda _, edition: edition >= 2013, (Number("media_id", 4),)),
            *numbers(1, "media", "channel", "event"),
            Hex("location", 28),
        ),
    ),
)
_MEDIA_SEARCH: Final = (*numbers(1, "media", "channel", "event"), Hex("start", 6), Hex("end", 6))

UP: Final[Mapping[int, tuple[Part, ...]]] = MappingProxyType(
    {
        0x0001: _REPLY,
        0x0002: (),
        0x0003: (),
        0x0004: (),
        0x0005: _RESEND,
        0x0100: _REGISTRATION,
        0x0102: _AUTHENTICATION,
        0x0104: (Number("reply_serial", 2), _PARAMETERS),
        0x0107: _ATTRIBUTES,
        0x0200: (Report("location"),),
        0x0201: (Number("reply_serial", 2), Report("location")),
        0x0608: (Number("type", 1), Hex("areas")),
        0x0701: (Counted("waybill", 4),),
        0x0702: _DRIVER,
        0x0704: (Batch(),),
        0x0802: _MEDIA_FOUND,
        0x1210: (
            Text("sender", 7),
            *_MARK,
            Text("alarm_id", 32),
            Number("type", 1),
            Repeated("files", 1, (Counted("name"), Number("size", 4))),
        ),
        0x1211: _FILE,
        0x1212: _FILE,
    }
)
"""What terminals send."""

DOWN: Final[Mapping[int, tuple[Part, ...]]] = MappingProxyType(
    {
        0x8001: _REPLY,
        0x8003: _RESEND,
        0x8004: (Hex("time", 6),),
        0x8100: (Number("reply_serial", 2), Number("result", 1), after("result", Rest("auth"))),
        0x8103: (_PARAMETERS,),
        0x8104: (),
        0x8105: (Number("command", 1), Rest("arguments")),
        0x8106: (_IDS,),
        0x8107: (),
        0x8201: (),
        0x8202: (Number("interval", 2), Number("duration", 4)),
        0x8203: (Number("reply_serial", 2), Number("alarms", 4)),
        0x8204: (),
        0x8300: (Number("flags", 1), newer(Number("type", 1)), Rest("text")),
        0x8401: (
            Number("action", 1),
            Repeated("contacts", 1, (Number("flags", 1), Counted("phone"), Counted("name"))),
        ),
        **AREAS,
        0x8702: (),
        0x8802: _MEDIA_SEARCH,
        0x9208: (
            Counted("server"),
            *numbers(2, "tcp", "udp"),
            *_MARK,
            Text("alarm_id", 32),
            Hex("reserve", 16),
        ),
    }
)
"""What the platform sends."""

BODIES: Final[Mapping[int, tuple[Part, ...]]] = MappingProxyType({**UP, **DOWN})


def edition_of(message: int, version: int | None, body: bytes) -> int:
    """The year whose layout a body has. 2011 and 2013 share a header; three of their bodies tell which."""
    if version is not None:
        return 2019
    match message:
        case 0x0100:
            return 2011 if len(body) < 37 else 2013
        case 0x0702:
            return 2011 if body and body[0] > 2 else 2013
        case 0x0802:
            count = int.from_bytes(body[2:4])
            return 2011 if count and len(body) == 4 + 31 * count else 2013
    return 2013
