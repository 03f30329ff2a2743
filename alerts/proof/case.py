"""A case: one incident with its log, evidence, readings and report, as a zip that `hub verify` checks without the hub.

The same state gives the same bytes: nothing in it tells when, or by whom, it was asked for.
"""

import hashlib
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final

from alerts.proof import container, gather, manifest, record
from alerts.proof.container import CASE, MANIFEST, PIECE, REPORT, SIGNATURE
from alerts.proof.drawing import Place
from alerts.proof.gather import Gathered
from alerts.proof.manifest import File, Heads, Manifest
from alerts.proof.report import Material, write_report
from alerts.proof.seal import Seal
from alerts.proof.window import Window, readings, window_of
from alerts.telling import Site
from storage.evidence import EvidenceFolder
from storage.records import Records
from storage.series import SeriesStore

_ENDINGS: Final = {"image/jpeg": ".jpg", "image/png": ".png", "video/mp4": ".mp4", "application/pdf": ".pdf"}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a case before it is in the zip: its bytes lie at `path`."""

    name: str
    path: Path
    size: int
    crc: int
    sha256: str

    @property
    def file(self) -> File:
        """As the manifest lists it."""
        return File(self.name, self.size, self.sha256)


@dataclass(frozen=True)
class Case:
    """A case that is ready to be sent; its own files lie in a folder that goes with it, by `close` at the latest.

    `people` says that some of its pictures may show people.
    """

    number: str
    content: str
    people: bool
    parts: tuple[Part, ...]
    folder: Path

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def size(self) -> int:
        """The bytes of the zip."""
        members = self._members()
        return members[-1].ends + len(container.directory(members))

    def stream(self) -> Iterator[bytes]:
        """The zip, piece by piece."""
        members = self._members()
        for member, part in zip(members, self.parts, strict=True):
            yield container.header(member)
            yield from _read(part.path)
        yield container.directory(members)

    def one(self, name: str) -> Iterator[bytes]:
        """One file of it."""
        return _read(next(part.path for part in self.parts if part.name == name))

    def close(self) -> None:
        """Remove what was made for it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _members(self) -> list[container.Member]:
        return container.placed((part.name, part.size, part.crc) for part in self.parts)


@dataclass(frozen=True, slots=True)
class CaseMaker:
    """Makes cases from the hub's stores; `unit` is a datastream's by station and property, `places` the stations to draw."""

    records: Records
    series: SeriesStore
    evidence: EvidenceFolder
    site: Site
    seal: Seal
    unit: Callable[[str, str], str]
    places: Callable[[], Iterable[Place]] = field(default=tuple)

    def make(self, incident: str, *, language: str, report: bool = True) -> Case | None:
        """The case of the incident with this id or number, None when there is none.

        Raises:
            CaseTooLarge: it is larger than a zip can be.
            StoreUnavailable: a store is away.
        """
        folder = Path(tempfile.mkdtemp(prefix="case-"))
        try:
            case = _Making(self, folder, language).make(incident, report=report)
            if case is not None:
                case.size()
                return case
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)
        return None


class _Making:
    """The making of one case."""

    def __init__(self, maker: CaseMaker, folder: Path, language: str) -> None:
        self._maker = maker
        self._folder = folder
        self._language = language
        self._log: list[Mapping[str, Any]] = []

    def make(self, incident: str, *, report: bool) -> Case | None:
        with self._maker.records.read() as tx:
            gathered = gather.gather(tx, incident)
            if gathered is None:
                return None
            window = window_of(gathered)
            pieces = tuple(self._kept(gathered))
            sections = self._sections(tx, gathered, window)
            case = self._part(CASE, record.written(sections))
        row = gathered.incident
        files = tuple(part.file for part in (case, *pieces))
        heads = Heads(row["log_hash"], {one["id"]: one["log_hash"] for one in gathered.alerts})
        named = (row["id"], row["number"], row["version"])
        content = manifest.content_hash(*named, heads, files)
        made = [case, *pieces]
        if report:
            made.append(self._report(gathered, window, content, pieces))
        told = Manifest(manifest.FORMAT, *named, heads, files, content, made[-1].file if report else None)
        data = manifest.encode_manifest(told)
        made += [self._part(MANIFEST, [data]), self._part(SIGNATURE, [self._maker.seal.sign(data)])]
        return Case(gathered.number, content, gathered.people, tuple(made), self._folder)

    def _sections(self, tx: Any, gathered: Gathered, window: Window) -> Iterator[tuple[str, record.Section]]:
        site = self._maker.site
        incident = gathered.incident
        station = gathered.station
        yield "site", {"district": site.district, "zone": site.zone.key, "url": site.public_url}
        yield "versions", {"case": record.FORMAT, "hub": version("streamwarden")}
        yield "incident", incident
        yield "window", window.head()
        yield "log", self._noted(gather.log(tx, incident["id"]))
        yield "alerts", gathered.alerts
        yield "transitions", gather.transitions(tx, gathered)
        yield "deliveries", gathered.deliveries
        yield "evidence", gathered.evidence
        yield "readings", readings(self._maker.series, window, lambda name: self._maker.unit(station, name))

    def _noted(self, entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The log on its way, what the report shows of it kept."""
        for entry in entries:
            self._log.append({name: entry[name] for name in ("seq", "at", "actor", "kind", "reason", "hash")})
            yield entry

    def _kept(self, gathered: Gathered) -> Iterator[Part]:
        """The evidence that is still kept and still is what its name says; what is not, `hub verify` will miss."""
        for piece in gathered.evidence:
            path = self._maker.evidence.path(str(piece["sha256"]))
            if not path.is_file():
                continue
            part = _measured("", path)
            if part.sha256 == piece["sha256"]:
                ending = _ENDINGS.get(str(piece.get("media_type", "")), "")
                yield Part(f"evidence/{part.sha256}{ending}", path, part.size, part.crc, part.sha256)

    def _report(self, gathered: Gathered, window: Window, content: str, pieces: tuple[Part, ...]) -> Part:
        paths = {part.sha256: part.path for part in pieces}
        material = Material(gathered, self._log, window, paths, content, self._maker.site, tuple(self._maker.places()))
        path = self._folder / REPORT
        with path.open("wb") as file:
            write_report(file, material, self._language)
        return _measured(REPORT, path)

    def _part(self, name: str, data: Iterable[bytes]) -> Part:
        path = self._folder / name
        with path.open("wb") as file:
            file.writelines(data)
        return _measured(name, path)


def _measured(name: str, path: Path) -> Part:
    digest, crc, size = hashlib.sha256(), 0, 0
    for piece in _read(path):
        digest.update(piece)
        crc, size = zlib.crc32(piece, crc), size + len(piece)
    return Part(name, path, size, crc, digest.hexdigest())


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _pieces(file)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
