"""CSV (RFC 4180) in UTF-8, streamed as its rows come."""

from collections.abc import Iterable, Iterator

from api.files.table import Piece, Table, written


def write_csv(table: Table, pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The file's bytes, its header first."""
    yield written([table.columns]).encode()
    for piece in pieces:
        yield piece.lines().encode()
