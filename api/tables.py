"""A table as the answer to a request: the form asked for, streamed, drawn on worker threads so that no other caller waits."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.files.comma import write_csv
from api.files.parquet import write_parquet
from api.files.sheet import write_xlsx
from api.files.table import Cell, Piece, Row, Table, pieces_of
from api.formats import CSV, PARQUET, XLSX, Format
from api.working import workers_of

__all__ = ("Cell", "Chunk", "Table", "table_response", "write_table")

Chunk = list[Row]

_WRITERS: Final[Mapping[str, Callable[[Table, Iterable[Piece]], Iterator[bytes]]]] = {
    CSV.name: write_csv,
    XLSX.name: write_xlsx,
    PARQUET.name: write_parquet,
}


def write_table(table: Table, form: Format) -> Iterator[bytes]:
    """The table's bytes in that form; b"" now and then while there are none yet."""
    return _WRITERS[form.name](table, pieces_of(table))


def table_response(table: Table, form: Format) -> Response:
    """The table as a file of that form; its first rows are read here, so that a failure is still a problem."""
    pieces = iter(pieces_of(table))
    first = list(_first(pieces))
    body = _WRITERS[form.name](table, chain(first, pieces))
    media = form.media_type + ("; charset=utf-8; header=present" if form is CSV else "")
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.{form.ending}"', "Vary": "Accept"}
    return Drawn(body, headers, media)


def _first(pieces: Iterator[Piece]) -> Iterator[Piece]:
    found = next(pieces, None)
    if found is not None:
        yield found


class Drawn(StreamingResponse):
    """A body drawn piece by piece on worker threads; it begins with its first byte, so what goes wrong before is a problem."""

    def __init__(self, body: Iterator[bytes], headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(iter(()), headers=headers, media_type=media_type)
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless the caller has gone before the first byte was ready."""
        workers = workers_of(scope)
        head = await workers.watching(receive, lambda stop: workers.first(self._body, stop))
        if head is None:
            return
        self.body_iterator = workers.drawn(head, self._body)
        await super().__call__(scope, receive, send)
