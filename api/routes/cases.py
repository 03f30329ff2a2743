"""`/v1/incidents/{incident_id}/case`: one incident to be carried away, and the key by which it is checked."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from alerts.proof.case import Case, CaseMaker
from alerts.proof.container import CASE, REPORT, CaseTooLarge
from alerts.proof.drawing import Place
from alerts.proof.seal import Seal, open_seal
from alerts.telling import Site
from api import documents
from api.answers import answer
from api.asking import Parts, Viewers, Who
from api.context import Context
from api.documents import proof
from api.formats import JSON, Format, negotiate
from api.identity import Identity
from api.problem import Problem, language_of
from api.routes.alerts import IdentifierPath
from api.tables import Drawn
from api.working import workers_of
from storage.evidence import EvidenceFolder
from storage.records import audit, incidents

router = APIRouter(tags=["proof"])

ZIP: Final = Format("zip", "application/zip", "zip")
PDF: Final = Format("pdf", "application/pdf", "pdf")
_FILES: Final = {PDF.name: REPORT, JSON.name: CASE}

Language = Annotated[
    Literal["zh", "en"] | None, Query(description="Of the report; what Accept-Language prefers when absent, else zh")
]


@router.get("/proof/key", responses=documents.one(proof.ProofKey), dependencies=[Viewers])
def key(parts: Parts) -> Response:
    """The public key of this hub's seal, for `hub verify --key`."""
    return answer({"algorithm": "Ed25519", "key": seal_of(parts).public})


@router.get("/incidents/{incident_id}/case", responses=proof.CASE)
async def case(
    request: Request, incident_id: IdentifierPath, parts: Parts, who: Who, language: Language = None
) -> Response:
    """The incident with log, evidence, readings and report as one zip, or the report (pdf) or the records (json) of it alone."""
    form = negotiate(request, (ZIP, PDF, JSON))
    spoken = language or ("en" if language_of(request.headers.get("accept-language", "zh")) == "en" else "zh")
    made = await workers_of(request.scope).run(_made, parts, who, incident_id, spoken, form)
    name = f"{made.number}.{form.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    headers |= {"X-Case-Content": made.content, "Vary": "Accept, Accept-Language"}
    return Drawn(_sent(made, form), headers, form.media_type)


def _made(parts: Context, who: Identity, incident_id: str, language: str, form: Format) -> Case:
    with parts.records.read() as tx:
        row = incidents.get(tx, incident_id)
    if row is None or not who.sees(row.department):
        raise Problem("not-found", f"There is no incident {incident_id}", zh=f"没有事件 {incident_id}")
    try:
        made = _maker(parts).make(row.id, language=language, report=form is not JSON)
    except CaseTooLarge as error:
        raise Problem("too-large", str(error), zh="案卷超过 4 GiB，无法导出") from error
    assert made is not None
    try:
        if made.people and form is not JSON:
            who.need("officer")
        with parts.records.begin() as tx:
            detail = {"content": made.content, "format": form.name}
            audit.note(tx, who.name, "incident.exported", made.number, detail, at=parts.clock.now())
    except BaseException:
        made.close()
        raise
    return made


def _sent(made: Case, form: Format) -> Iterator[bytes]:
    try:
        yield from made.stream() if form is ZIP else made.one(_FILES[form.name])
    finally:
        made.close()


def _maker(parts: Context) -> CaseMaker:
    def places() -> list[Place]:
        devices = parts.register.now().devices.values()
        return [
            Place(one.station, one.name_zh or one.name_en or one.station, one.lon, one.lat)
            for one in devices
            if one.lon is not None and one.lat is not None
        ]

    evidence, site = EvidenceFolder(Path(parts.evidence)), Site.of(parts.settings)
    return CaseMaker(parts.records, parts.series, evidence, site, seal_of(parts), parts.register.unit, places)


def seal_of(parts: Context) -> Seal:
    """The seal of the hub."""
    return _opened(parts.settings.hub.data)


@cache
def _opened(data: Path) -> Seal:
    return open_seal(data)
