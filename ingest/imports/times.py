"""Times of a column as epoch ms: all different texts at once, by one pattern that the format is turned into."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa

from hub.batch import Ints
from ingest.imports.faults import Faults
from ingest.imports.mapping import TimeForm
from ingest.imports.sheet import Array, Mask, Sheet, numpy_of, pc
from storage.zones import segments

DAY: Final = 86_400_000
FIRST: Final = -631_152_000_000
"""1950-01-01: nothing a bureau measured lies before it."""

LEAST_EPOCH: Final = 157_766_400_000
"""1975-01-01: an epoch time in ms before it is one in seconds."""

_ISO: Final = r"^(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})[Tt ](?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?(?P<z>Z|z|[+-]\d{2}:?\d{2})?$"
_CODES: Final = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})", "f": r"(?P<f>\d{1,9})", "z": r"(?P<z>Z|z|[+-]\d{2}:?\d{2})", "%": "%",
}  # fmt: skip
_ISO_FORM: Final = "a time such as 2025-11-23T10:41:20+08:00"
EXPECTED: Final = {"iso": _ISO_FORM, "epoch_s": "epoch seconds", "epoch_ms": "epoch milliseconds"}


@lru_cache(maxsize=8)
def pattern_of(form: str) -> str:
    """The pattern of a format: `iso`, or text with the codes of TimeForm.

    Raises:
        ValueError: a code that is not known, or no date in it.
    """
    if form == "iso":
        return _ISO
    parts = re.split(r"%(.)", form)
    unknown = [code for code in parts[1::2] if code not in _CODES]
    dated = {"m", "d"} <= set(parts[1::2]) and {"Y", "y"} & set(parts[1::2])
    if unknown or not dated:
        what = f"%{unknown[0]}" if unknown else "no date"
        raise ValueError(
            f"format {form!r} has {what}; expected iso, epoch_s, epoch_ms or codes such as %Y/%m/%d %H:%M:%S"
        )
    return "^" + "".join(_CODES[part] if place % 2 else re.escape(part) for place, part in enumerate(parts)) + "$"


def times_of(sheet: Sheet, form: TimeForm, latest: int, earliest: int, faults: Faults) -> tuple[Ints, Mask]:
    """Time (n,) ms of each row, and which rows have one."""
    column = form.column[0]
    kind = sheet.columns[column].type
    if len(form.column) == 1 and not _textual(kind):
        time, good = _typed(sheet.columns[column], form)
        codes = np.arange(len(sheet))
    else:
        text = sheet.text(column)
        if len(form.column) > 1:
            text = pc.binary_join_element_wise(*(sheet.text(name) for name in form.column), " ")
        encoded = pc.dictionary_encode(pc.utf8_trim_whitespace(text))
        codes = numpy_of(encoded.indices)
        time, good = (
            _numbers(encoded.dictionary, form) if form.format.startswith("epoch") else _texts(encoded.dictionary, form)
        )
    time = time + round(form.shift_s * 1000)
    inside = good & (time <= latest) & (time >= earliest)
    if not inside.all():
        _tell(sheet, form, codes, good, time, latest, inside, faults)
    return time[codes], inside[codes]


def _tell(
    sheet: Sheet, form: TimeForm, codes: Ints, good: Mask, time: Ints, latest: int, inside: Mask, faults: Faults
) -> None:
    name = " + ".join(form.column)
    shown = EXPECTED.get(form.format, f"a time written {form.format}")
    if form.zone is None and form.format == "iso":
        shown += " (with its offset, or `zone` in the mapping)"
    cells = [sheet.columns[column] for column in form.column]
    for row in np.flatnonzero(~inside[codes]).tolist():
        code, value = int(codes[row]), " ".join(str(column[row].as_py()) for column in cells)
        expected = shown
        if good[code]:
            late = time[code] > latest
            expected = "a time that is not in the future" if late else "a time that is not before what the hub keeps"
        faults.add(int(sheet.line[row]), name, value, expected)


def _textual(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.DictionaryType):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _typed(column: Array, form: TimeForm) -> tuple[Ints, Mask]:
    """Times that the file itself knows to be times, or numbers."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        there = numpy_of(pc.is_valid(column))
        plain = pc.cast(pc.cast(column, pa.timestamp("ms", tz=getattr(kind, "tz", None)), safe=False), pa.int64())
        time = numpy_of(pc.fill_null(plain, 0))
        if getattr(kind, "tz", None) is None:
            return _in_zone(time, form.zone), there & (form.zone is not None)
        return time, there
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _numbers(column, form)
    return np.zeros(len(column), np.int64), np.zeros(len(column), bool)


def _numbers(column: Array, form: TimeForm) -> tuple[Ints, Mask]:
    from ingest.imports.numbers import floats_of

    value, good = floats_of(column, ".")
    time = np.nan_to_num(value) * (1000 if form.format == "epoch_s" else 1)
    good &= (np.abs(time) < 1e16) & form.format.startswith("epoch") & ~np.isnan(value)
    whole = np.where(good, np.round(time), 0).astype(np.int64)
    return whole, good & (whole >= LEAST_EPOCH)


def _texts(words: Array, form: TimeForm) -> tuple[Ints, Mask]:
    parts = pc.extract_regex(words, pattern_of(form.format))
    good: Mask = numpy_of(pc.is_valid(parts)).copy()
    names = {field.name for field in parts.type}

    def number(name: str, absent: int) -> Ints:
        if name not in names:
            return np.full(len(words), absent, np.int64)
        text = pc.fill_null(pc.struct_field(parts, name), "")
        digits = pc.if_else(pc.equal(text, ""), str(absent), text)
        return numpy_of(pc.cast(digits, pa.int64()))

    year = number("Y", 0) if "Y" in names else 2000 + number("y", 0)
    month, day = number("m", 1), number("d", 1)
    hour, minute, second = number("H", 0), number("M", 0), number("S", 0)
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second <= 60)
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("M8[M]")
    days = months.astype("M8[D]") + (day - 1)
    good &= days.astype("M8[M]") == months
    local: Ints = days.astype(np.int64) * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + _fraction(parts, names)
    return _from_local(local, good, parts, names, form)


def _fraction(parts: Array, names: set[str]) -> Ints:
    if "f" not in names:
        return np.zeros(len(parts), np.int64)
    text = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.fill_null(pc.struct_field(parts, "f"), ""), 3, "0"), 0, 3)
    return numpy_of(pc.cast(text, pa.int64()))


def _from_local(local: Ints, good: Mask, parts: Array, names: set[str], form: TimeForm) -> tuple[Ints, Mask]:
    """UTC of local times: by their offset where they have one, else by the mapping's zone."""
    if "z" not in names:
        return _in_zone(local, form.zone), good & (form.zone is not None)
    encoded = pc.dictionary_encode(pc.fill_null(pc.struct_field(parts, "z"), ""))
    codes = numpy_of(encoded.indices)
    offsets = [_offset(word) for word in encoded.dictionary.to_pylist()]
    shift = np.array([offset or 0 for offset in offsets], np.int64)[codes]
    bare = np.array([offset is None for offset in offsets], bool)[codes]
    if not bare.any():
        return local - shift, good
    return np.where(bare, _in_zone(local, form.zone), local - shift), good & (~bare | (form.zone is not None))


def _in_zone(local: Ints, zone: str | None) -> Ints:
    """The first instant that shows each local time in the zone."""
    if zone is None or not len(local):
        return local
    found: Ints = segments(zone, int(local.min()), int(local.max())).first_instant(local)
    return found


def _offset(text: str) -> int | None:
    if not text:
        return None
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return round(offset.total_seconds() * 1000) * (-1 if text[0] == "-" else 1)
