"""The zip of a case, byte for byte: stored, never packed, with fixed times, so that every byte of it follows from its files.

Only what a case needs of PKWARE's APPNOTE 6.3 (4.3.7 local header, 4.3.12 directory, 4.3.16 end record). A library writes zips well, but reads
them kindly: it passes over bytes that nobody accounts for, and those are the ones in which a change would hide.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from hub.errors import HubError

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
CASE: Final = "case.json"
REPORT: Final = "case.pdf"
NAME: Final = re.compile(r"manifest\.json|manifest\.sig|case\.json|case\.pdf|evidence/[0-9a-f]{64}(\.[a-z0-9]{1,5})?")
"""The only names a case may hold: none of them leads out of the folder it is unpacked into."""

MOST_BYTES: Final = 0xFFFF_FFFF
"""A zip without the 64-bit extension ends here."""
MOST_FILES: Final = 0xFFFE
PIECE: Final = 1 << 18

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_NEEDS, _FLAGS, _STORED, _TIME, _DATE = 20, 0x0800, 0, 0, 0x21  # version 2.0, UTF-8 names, 1980-01-01
_MADE_BY, _MODE = 0x0314, 0o100644 << 16  # unix


class NotACase(HubError):
    """The bytes are no case file as the hub writes them; `file` and `offset` say where that shows."""

    def __init__(self, message: str, *, file: str = "", offset: int | None = None) -> None:
        super().__init__(message)
        self.file = file
        self.offset = offset


class CaseTooLarge(HubError):
    """More than a zip without extensions can hold."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the zip: its name, bytes, CRC-32, and where its header begins."""

    name: str
    size: int
    crc: int
    offset: int = 0

    @property
    def begins(self) -> int:
        """Where its first byte lies."""
        return self.offset + _LOCAL.size + len(self.name)

    @property
    def ends(self) -> int:
        """Where the byte after its last lies."""
        return self.begins + self.size


def header(member: Member) -> bytes:
    """What stands before a file."""
    sizes = (member.crc, member.size, member.size)
    fixed = (b"PK\x03\x04", _NEEDS, _FLAGS, _STORED, _TIME, _DATE)
    return _LOCAL.pack(*fixed, *sizes, len(member.name), 0) + member.name.encode()


def directory(members: Sequence[Member]) -> bytes:
    """What stands after the last file."""
    entries = b"".join(map(_entry, members))
    start = members[-1].ends if members else 0
    return entries + _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(entries), start, 0)


def _entry(member: Member) -> bytes:
    fixed = (b"PK\x01\x02", _MADE_BY, _NEEDS, _FLAGS, _STORED, _TIME, _DATE)
    sizes = (member.crc, member.size, member.size, len(member.name), 0, 0, 0, 0)
    return _CENTRAL.pack(*fixed, *sizes, _MODE, member.offset) + member.name.encode()


def placed(files: Iterable[tuple[str, int, int]]) -> list[Member]:
    """The members of a zip that holds these files (name, size, CRC-32) in this order.

    Raises:
        CaseTooLarge: the zip would need extensions.
    """
    members: list[Member] = []
    for name, size, crc in files:
        members.append(Member(name, size, crc, members[-1].ends if members else 0))
    if len(members) > MOST_FILES or (members and members[-1].ends + len(members) * 200 > MOST_BYTES):
        raise CaseTooLarge("a case holds at most 4 GiB and 65 534 files")
    return members


def read_members(file: BinaryIO) -> list[Member]:
    """The files of a case, once every byte that is not theirs is as it has to be.

    Raises:
        NotACase: it is cut off, packed, holds other names, or a byte of its frame differs.
    """
    size = file.seek(0, 2)
    try:
        members = list(_walked(file, size))
    except NotACase as error:
        raise _by_directory(file, size) or error from None
    start = members[-1].ends if members else 0
    said, due = _at(file, start, size - start), directory(members)
    if said != due:
        raise _unlike(file, members, said, due, start)
    return members


def _walked(file: BinaryIO, size: int) -> Iterator[Member]:
    position, seen = 0, set[str]()
    while True:
        head = _at(file, position, _LOCAL.size)
        if position and head[:4] in (b"PK\x01\x02", b"PK\x05\x06"):
            return
        if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
            where = f"at byte {position}"
            raise NotACase(f"no case file: {where} a file or the directory should begin", offset=position)
        member = _member(file, head, position)
        if member.name in seen:
            raise NotACase(f"{member.name} is there twice", file=member.name, offset=position)
        if member.ends > size:
            raise NotACase(f"cut off inside {member.name}", file=member.name, offset=size)
        seen.add(member.name)
        yield member
        position = member.ends


def _member(file: BinaryIO, head: bytes, position: int) -> Member:
    """The member whose header begins at `position`, held to the only form we write."""
    parts = _LOCAL.unpack(head)
    crc, held, _, length, extra = parts[6:]
    raw = _at(file, position + _LOCAL.size, min(length, 200))
    name = raw.decode("ascii", "replace")
    if not NAME.fullmatch(name):
        raise NotACase(f"{name!r}: a case holds no file of that name", file=name, offset=position + _LOCAL.size)
    member = Member(name, held, crc, position)
    if parts[3] != _STORED:
        raise NotACase(f"{name} is packed; a case's files are stored as they are", file=name, offset=position + 8)
    difference = first_difference(head + raw, header(member))
    if difference is not None or extra:
        at = position + (difference or 0)
        raise NotACase(f"the header of {name} is changed at byte {at}", file=name, offset=at)
    return member


def _unlike(file: BinaryIO, members: Sequence[Member], said: bytes, due: bytes, start: int) -> NotACase:
    """The directory differs from the files' headers: which of the two tells of the files as they are."""
    if not said or len(said) < _END.size:
        return NotACase("cut off: the directory at the end is missing", offset=start + len(said))
    for member in members:
        if crc_of(file, member) != member.crc and _entry(member) not in said and len(said) == len(due):
            at = member.offset + 14
            return NotACase(f"the header of {member.name} is changed at byte {at}", file=member.name, offset=at)
    at = start + (first_difference(said, due) or 0)
    return NotACase(f"the zip's directory is changed at byte {at}", offset=at)


def _by_directory(file: BinaryIO, size: int) -> NotACase | None:
    """The first header that is not as a sound directory tells; None when the directory is none, or agrees."""
    try:
        end = _END.unpack(_at(file, size - _END.size, _END.size))
        table = _at(file, end[6], end[5])
        members = list(_listed(table))
    except (struct.error, ValueError, OSError):
        return None
    if not members or directory(members) != _at(file, end[6], size - end[6]):
        return None
    for member in members:
        due = header(member)
        difference = first_difference(_at(file, member.offset, len(due)), due)
        if difference is not None and NAME.fullmatch(member.name):
            at = member.offset + difference
            return NotACase(f"the header of {member.name} is changed at byte {at}", file=member.name, offset=at)
    return None


def _listed(table: bytes) -> Iterator[Member]:
    position = 0
    while position < len(table):
        parts = _CENTRAL.unpack_from(table, position)
        name = table[position + _CENTRAL.size : position + _CENTRAL.size + parts[10]].decode("ascii")
        yield Member(name, parts[8], parts[7], parts[16])
        position += _CENTRAL.size + parts[10]


def first_difference(left: bytes, right: bytes) -> int | None:
    """The position of the first byte in which the two differ, None when they are the same."""
    if left == right:
        return None
    for position, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return position
    return min(len(left), len(right))


def pieces(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The bytes of a member, piece by piece."""
    for position in range(member.begins, member.ends, PIECE):
        yield _at(file, position, min(PIECE, member.ends - position))


def crc_of(file: BinaryIO, member: Member) -> int:
    """The CRC-32 of a member's bytes as they are."""
    crc = 0
    for piece in pieces(file, member):
        crc = zlib.crc32(piece, crc)
    return crc


def _at(file: BinaryIO, position: int, count: int) -> bytes:
    if position < 0:
        raise ValueError(position)
    file.seek(position)
    return file.read(count)
