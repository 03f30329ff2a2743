"""`/v1/evidence/{sha256}`: pictures and clips by the hash of their bytes, so that a name can never mean anything else."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response

from api import documents
from api.asking import Parts, Viewers, Who
from api.problem import Problem
from storage.records.access import RANK
from storage.records.patrol import evidence as pieces

router = APIRouter(tags=["evidence"], dependencies=[Viewers])

Sha256 = Annotated[str, InPath(pattern=r"^[0-9a-f]{64}$")]

_KINDS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)


@router.get("/evidence/{sha256}", responses=documents.BYTES)
def evidence(sha256: Sha256, parts: Parts, who: Who) -> Response:
    """The bytes whose SHA-256 this is; they never change, so they may be kept for ever.

    What may show people is given to those who work on incidents; everybody else gets the twin in which they are blurred, and its hash as the ETag.
    """
    with parts.records.read() as tx:
        piece = pieces.get(tx, sha256)
    given: str | None = sha256
    if piece is not None:
        who.need_department(piece.station.split("/", 1)[0])
        if piece.person and RANK[who.role] < RANK["officer"]:
            given = piece.blurred
    path = None if given is None else evidence_path(parts.evidence, given)
    if path is None or not path.is_file():
        raise Problem("not-found", f"There is no evidence {sha256}", zh="没有该证据文件")
    caching = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Authorization, Cookie"}
    return FileResponse(path, headers={**caching, "ETag": f'"{given}"'}, media_type=_media_type(path))


def evidence_path(folder: Path, sha256: str) -> Path:
    """Where the bytes lie: in a folder named by the first two digits."""
    return folder / sha256[:2] / sha256


def _media_type(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for magic, kind in _KINDS if head.startswith(magic)), "application/octet-stream")
