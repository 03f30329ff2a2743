"""Whether a case still is what the hub wrote: every byte, every chain, every file, and the seal; pure, on the file alone.

Trust goes from the outside in. The seal vouches for the manifest, the manifest for the files; the chains, which need neither, name the record. So
what is found first is what is nearest to the change: a record before its file, a file before the whole.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from alerts.proof import container, locate, record
from alerts.proof.chains import Chains
from alerts.proof.container import CASE, MANIFEST, SIGNATURE, Member, NotACase, pieces
from alerts.proof.finding import Bad, Verdict
from alerts.proof.manifest import FORMAT, File, Manifest, content_hash, decode_manifest
from alerts.proof.record import UNREADABLE
from alerts.proof.seal import decode_signature, signed

_SMALL: Final = 4 << 20


def verify(file: BinaryIO, key: str | None = None) -> Verdict:
    """What is wrong with the case, the first and most precise thing first; nothing when it is whole.

    `key` is the public key (base64) of the hub that it has to come from; without it the case's own is believed, which shows every change but that
    of somebody who sealed a rewritten case with a key of their own.
    """
    try:
        members = {member.name: member for member in container.read_members(file)}
    except NotACase as error:
        return Verdict((Bad(error.file or "zip", str(error), offset=error.offset),))
    return _Case(file, members, key).verdict()


class _Case:
    """One case whose frame is sound."""

    def __init__(self, file: BinaryIO, members: dict[str, Member], key: str | None) -> None:
        self._file = file
        self._members = members
        self._key = key
        self._used = ""
        self._bad: list[Bad] = []

    def verdict(self) -> Verdict:
        manifest = self._manifest()
        chains = Chains()
        if manifest is not None:
            if CASE in self._members:
                self._records(chains)
            self._bad += self._files(manifest)
            self._bad += chains.against(manifest, frozenset(self._members))
        return Verdict(
            tuple(self._bad),
            incident=manifest.number if manifest else "",
            content=manifest.content if manifest else "",
            key=self._used,
            pinned=self._key is not None,
            counts={**chains.counts, "files": len(self._members)},
        )

    # --- the seal and the manifest

    def _manifest(self) -> Manifest | None:
        """The manifest, once its seal fits; what does not fit is noted, and a manifest that can be read is still used."""
        absent = [name for name in (MANIFEST, SIGNATURE) if name not in self._members]
        self._bad += [Bad(name, "the file is missing") for name in absent]
        large = [name for name in (MANIFEST, SIGNATURE) if name not in absent and self._members[name].size > _SMALL]
        self._bad += [Bad(name, "the file is larger than any that the hub writes") for name in large]
        if large or MANIFEST in absent:
            return None
        data = self._read(MANIFEST)
        if not absent and not self._sealed(data):
            return None
        try:
            manifest = decode_manifest(data)
        except UNREADABLE as error:
            self._bad.append(Bad(MANIFEST, f"it is no manifest: {error}"))
            return None
        self._bad += _untrue(manifest)
        return manifest

    def _sealed(self, data: bytes) -> bool:
        try:
            signature = decode_signature(self._read(SIGNATURE))
        except UNREADABLE as error:
            self._bad.append(self._changed(SIGNATURE, f"it is no signature: {error}", None))
            return False
        if not signed(signature, data):
            found = [self._changed(name, "it does not fit the seal", None) for name in (SIGNATURE, MANIFEST)]
            whole = [name for name in (SIGNATURE, MANIFEST) if self._crc(name) == self._members[name].crc]
            # The frame's own sums tell which of the two was changed, unless whoever did it wrote them anew.
            self._bad += [one for one in found if one.file not in whole] or [
                Bad(MANIFEST, "it, or its seal, was written anew: the signature does not fit")
            ]
            return False
        self._used = signature.key
        if self._key is not None and signature.key != self._key:
            said = f"sealed with the key {signature.key}, not with the one given"
            self._bad.append(Bad(SIGNATURE, said, field="key"))
        return True

    # --- the files

    def _files(self, manifest: Manifest) -> Iterator[Bad]:
        due = {file.name: file for file in manifest.every()}
        for name in self._members:
            if name not in due and name not in (MANIFEST, SIGNATURE):
                yield Bad(name, "the manifest does not know this file", offset=self._members[name].offset)
        for file in due.values():
            member = self._members.get(file.name)
            if member is None:
                yield Bad(file.name, "the file is missing")
            elif member.size != file.size:
                yield Bad(file.name, f"{member.size} bytes, and {file.size} in the manifest")
            elif (sha256 := _sha256(pieces(self._file, member))) != file.sha256:
                yield self._changed(file.name, f"its SHA-256 is {sha256}", file)
        at = [self._members[name].offset for name in (*due, MANIFEST, SIGNATURE) if name in self._members]
        if at != sorted(at):
            yield Bad("zip", "its files are not in the manifest's order")

    def _changed(self, name: str, what: str, due: File | None) -> Bad:
        """The finding that a file differs, with the byte where a single one does, and the record it lies in."""
        member = self._members[name]

        def sound(data: Iterable[bytes]) -> bool:
            return due is None or _sha256(data) == due.sha256

        crc = self._crc(name)
        found = locate.changed_byte(lambda: pieces(self._file, member), member.size, crc, member.crc, sound)
        if found is None:
            return Bad(name, what)
        said = f"{what}; byte {found.offset} of it was 0x{found.was:02x}"
        if name != CASE:
            return Bad(name, said, offset=member.begins + found.offset)
        line = record.place(record.lines_of(pieces(self._file, member)), found.offset)
        return Bad(name, said, line.entry or None, line.section, member.begins + found.offset)

    # --- the records

    def _records(self, chains: Chains) -> None:
        """Fold the lines of case.json into its chains; stop at the first that is none."""
        member = self._members[CASE]
        try:
            for line in record.read(record.lines_of(pieces(self._file, member))):
                chains.take(line, member.begins + line.offset)
        except record.NotARecord as error:
            line = error.line
            self._bad.append(Bad(CASE, str(error), line.entry or None, line.section, member.begins + line.offset))
        self._bad += chains.finish()

    def _read(self, name: str) -> bytes:
        return b"".join(pieces(self._file, self._members[name]))

    def _crc(self, name: str) -> int:
        return container.crc_of(self._file, self._members[name])


def _untrue(manifest: Manifest) -> Iterator[Bad]:
    if manifest.format != FORMAT:
        yield Bad(MANIFEST, f"its format is {manifest.format!r}; this hub reads {FORMAT!r}", field="format")
    due = content_hash(manifest.incident, manifest.number, manifest.version, manifest.heads, manifest.files)
    if due != manifest.content:
        yield Bad(MANIFEST, f"the hash of its content is {due}", field="content")
    for file in manifest.files:
        said = file.name.removeprefix("evidence/").split(".")[0]
        if file.name.startswith("evidence/") and said != file.sha256:
            yield Bad(MANIFEST, f"{file.name} is not named by its SHA-256", field="files")


def _sha256(data: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in data:
        digest.update(piece)
    return digest.hexdigest()
