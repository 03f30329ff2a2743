"""Rows of a file as blocks of readings: each block of one property where the file is long, all columns together where it is wide."""

from dataclasses import dataclass

import numpy as np

from hub.batch import Block, Bytes, Floats, Ints
from ingest.imports.faults import Faults, RowFault
from ingest.imports.mapping import Column, Word
from ingest.imports.numbers import values_of
from ingest.imports.plan import Plan
from ingest.imports.sheet import Codes, Mask, Piece, Sheet, combined
from ingest.imports.streams import Streams, judge, letters_of
from ingest.imports.times import times_of


@dataclass(frozen=True, slots=True)
class Part:
    """The readings of one piece, what is wrong with it, how many `rows` it had, how much of the file is `done`."""

    stations: tuple[str, ...]
    blocks: tuple[Block, ...]
    faults: list[RowFault]
    rows: int
    done: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns pieces into parts; times lie in [earliest, latest], epoch ms."""

    plan: Plan
    streams: Streams
    earliest: int
    latest: int

    def part(self, piece: Piece) -> Part:
        """The readings of a piece; rows with a mistake are left out and named."""
        sheet, faults = piece.sheet, piece.faults
        if not len(sheet):
            return Part((), (), faults.found, 0, piece.done)
        time, timed = times_of(sheet, self.plan.mapping.time, self.latest, self.earliest, faults)
        codes, stations = self._places(sheet)
        make = self._wide if self.plan.wide else self._long
        blocks = make(sheet, (codes, stations), time, timed, faults)
        return Part(tuple(stations), blocks, sorted(faults.found, key=lambda one: one.line), len(sheet), piece.done)

    def _places(self, sheet: Sheet) -> tuple[Codes, list[str]]:
        """The station of each row."""
        place = self.plan.mapping.station
        if place.column is not None:
            codes, words = sheet.words(place.column)
            return codes, [place.names.get(word, word) for word in words]
        three = [_word(sheet, word) for word in (place.department, place.kind, place.device)]
        codes, found = combined(three)
        return codes, ["/".join(words) for words in found]

    def _long(
        self, sheet: Sheet, place: tuple[Codes, list[str]], time: Ints, timed: Mask, faults: Faults
    ) -> tuple[Block, ...]:
        mapping = self.plan.mapping
        value = values_of(sheet, mapping.long.value, mapping.decimal, mapping.missing, faults)
        property_codes, names = _word(sheet, mapping.long.property)
        names = [mapping.properties.get(name, name) for name in names]
        unit = (
            _word(sheet, mapping.long.unit) if mapping.long.unit is not None else (np.zeros(len(sheet), np.int64), [""])
        )
        codes, found = combined([place, (property_codes, names), unit])
        streams = [self.streams.stream(one, name, unit or mapping.units.get(name, "")) for one, name, unit in found]
        words = {
            "station": self._place_name(),
            "property": _name(mapping.long.property),
            "unit": _name(mapping.long.unit),
        }
        texts = [_shown(one, stream.wrong) for one, stream in zip(found, streams, strict=True)]
        judged = judge(sheet, codes, streams, value, words, texts, faults)
        quality, known = letters_of(sheet, mapping.long.quality, mapping.qualities, faults)
        keep = judged.good & timed & known & ~np.isnan(value)
        blocks = []
        for code, name in enumerate(names):
            rows = np.flatnonzero(keep & (property_codes == code)) if len(names) > 1 else np.flatnonzero(keep)
            if len(rows):
                columns = judged.value[rows, None], quality[rows, None], judged.checks[rows, None]
                blocks.append(_block((name,), place[0][rows], time[rows], *columns))
        return tuple(blocks)

    def _wide(
        self, sheet: Sheet, place: tuple[Codes, list[str]], time: Ints, timed: Mask, faults: Faults
    ) -> tuple[Block, ...]:
        mapping, (codes, stations) = self.plan.mapping, place
        bad = np.array([bool(self.streams.station_fault(one)) for one in stations], bool)
        for row in np.flatnonzero(bad[codes]).tolist():
            station = stations[int(codes[row])]
            faults.add(int(sheet.line[row]), self._place_name(), station, self.streams.station_fault(station))
        values, qualities, checks = [], [], []
        for column, cells in self.plan.values.items():
            streams = [self.streams.stream(one, cells.property, cells.unit or "") for one in stations]
            value = values_of(sheet, column, mapping.decimal, mapping.missing, faults)
            # A station that cannot be one has been named once for its row.
            told = [one for one in streams if one.wrong != "station"]
            words = {"property": column, "unit": column, "station": self._place_name()}
            quiet = faults if len(told) == len(streams) else Faults()
            judged = judge(sheet, codes, streams, value, words, [cells.unit or cells.property] * len(streams), quiet)
            quality, known = letters_of(sheet, cells.quality, mapping.qualities, faults)
            judged.value[~(judged.good & known)] = np.nan
            values.append(judged.value)
            qualities.append(quality)
            checks.append(judged.checks)
        matrix = np.stack(values, axis=1)
        rows = np.flatnonzero(timed & ~bad[codes] & ~np.isnan(matrix).all(axis=1))
        names = tuple(cells.property for cells in self.plan.values.values())
        flags = np.stack(qualities, axis=1)[rows], np.stack(checks, axis=1)[rows]
        return (_block(names, codes[rows], time[rows], matrix[rows], *flags),) if len(rows) else ()

    def _place_name(self) -> str:
        place = self.plan.mapping.station
        return place.column or "/".join(map(_name, (place.department, place.kind, place.device)))


def _block(
    names: tuple[str, ...],
    station: Codes,
    time: Ints,
    value: Floats,
    quality: Bytes,
    checks: Bytes,
) -> Block:
    return Block(
        names,
        station.astype(np.uint32),
        time,
        value,
        quality if quality.any() else None,
        checks if checks.any() else None,
    )


def _word(sheet: Sheet, word: Word) -> tuple[Codes, list[str]]:
    if isinstance(word, Column):
        return sheet.words(word.column)
    return np.zeros(len(sheet), np.int64), [word]


def _name(word: Word | None) -> str:
    return word.column if isinstance(word, Column) else "mapping"


def _shown(found: tuple[str, ...], wrong: str) -> str:
    station, name, unit = found
    return {"property": name, "unit": unit}.get(wrong, station)
