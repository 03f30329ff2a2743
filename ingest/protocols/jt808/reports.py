"""Reports as parts of a body: one to its end, or many behind their lengths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.field.session import ProtocolError
from ingest.protocols.jt808.layout import Reader, Values, wanted
from ingest.protocols.jt808.location import Location, read_location, write_location


@dataclass(frozen=True, slots=True)
class Report:
    """One report to the end of the body."""

    name: str

    def read(self, reader: Reader, values: Values) -> None:
        values[self.name] = read_location(reader.take(reader.left, self.name))

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        out += write_location(wanted(values, self.name, Location))


@dataclass(frozen=True, slots=True)
class Batch:
    """0x0704: `count`, `kind` (0 several at once, 1 what a blind zone held back), `locations`. The kind stands at offset 2; the table prints 1."""

    def read(self, reader: Reader, values: Values) -> None:
        values["count"] = reader.number(2, "count")
        values["kind"] = reader.number(1, "kind")
        if values["count"] * 30 > reader.left:
            raise ProtocolError("bad_length", f"count: {values['count']} reports in {reader.left} bytes (8.49)")
        values["locations"] = [
            read_location(reader.take(reader.number(2, "length"), f"report {number}"))
            for number in range(1, values["count"] + 1)
        ]

    def write(self, out: bytearray, values: Mapping[str, Any], edition: int) -> None:
        locations = wanted(values, "locations", list)
        out += len(locations).to_bytes(2) + wanted(values, "kind", int).to_bytes(1)
        for location in locations:
            body = write_location(location)
            out += len(body).to_bytes(2) + body
