"""What a body of SL 651-2014 says (6.6), in either coding: a serial number, when it was sent, and items in their order."""

import msgspec


class Site(msgspec.Struct, frozen=True, gc=False):
    """F1, ST: what follows is of this station, until another one is named (6.6.2.7); `kind` is the letter of annex A, empty where there is none."""

    station: str
    kind: str = ""


class Observed(msgspec.Struct, frozen=True, gc=False):
    """F0, TT: what follows was observed then, YYMMDDHHmm (6.6.2.8)."""

    time: str


class Element(msgspec.Struct, frozen=True, gc=False):
    """One element or parameter in HEX/BCD: its guide byte as hexadecimal digits (`39`, or `FF07` of the users' own), its definition, its data."""

    code: str
    definition: int
    data: bytes


class Series(msgspec.Struct, frozen=True, gc=False):
    """Values of one element at even steps (6.6.4.4), each as long as the definition says."""

    code: str
    definition: int
    data: bytes


class Word(msgspec.Struct, frozen=True, gc=False):
    """One element in ASCII coding: its identifier and its value as written; a time step (`DRN05`) has no value."""

    name: str
    text: str


class WordSeries(msgspec.Struct, frozen=True, gc=False):
    """Values of several elements at even steps in ASCII coding: n values of the first moment, n of the next."""

    names: tuple[str, ...]
    texts: tuple[str, ...]


class Manual(msgspec.Struct, frozen=True, gc=False):
    """F2, RGZS: what a person keyed in at the station, as SL 330 writes it (6.6.4.8)."""

    text: bytes


class Photo(msgspec.Struct, frozen=True, gc=False):
    """F3, PIC: the bytes of a JPEG (6.6.4.9)."""

    data: bytes


class Bulk(msgspec.Struct, frozen=True, gc=False):
    """FD, DATA: bulk data of flow velocity, whose inner form the standard leaves open."""

    data: bytes


class Span(msgspec.Struct, frozen=True, gc=False):
    """From when to when a query asks, YYMMDDHH each (table 44)."""

    start: str
    end: str


class Asked(msgspec.Struct, frozen=True, gc=False):
    """An element or parameter that a query names, without data (tables 44, 48, 52)."""

    code: str
    definition: int


class Tail(msgspec.Struct, frozen=True, gc=False):
    """What a function puts at the end in a form of its own: version, pump and gate states, event counts (tables 57, 71-84)."""

    data: bytes


Item = Site | Observed | Element | Series | Word | WordSeries | Manual | Photo | Bulk | Span | Asked | Tail


class Message(msgspec.Struct, frozen=True, gc=False):
    """One body; `sent` is YYMMDDHHmmSS in the station's time."""

    serial: int
    sent: str
    items: tuple[Item, ...] = ()
