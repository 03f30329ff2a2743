"""`/v1/notify`: who is told and how it went, and a test of each way with the vendor's own words."""

from fnmatch import fnmatchcase
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from alerts.trial import NoSuchReceiver
from alerts.views import wire
from api import documents
from api.answers import answer
from api.asking import InZone, Parts
from api.identity import Identity, admin, officer
from api.problem import Problem
from storage.records import audit
from storage.zones import zone_of

router = APIRouter(tags=["notify"])

Officer = Annotated[Identity, Depends(officer)]
Admin = Annotated[Identity, Depends(admin)]
Name = Annotated[str, Path(min_length=1, max_length=64)]
Place = Annotated[int, Query(ge=1, le=1000, description="Which of the receiver's addresses, counted from 1")]


@router.get("/notify/receivers", responses=documents.page(documents.Receiver))
def receivers(parts: Parts, who: Officer, zone: InZone) -> Response:
    """Who is told: masked addresses, how many notices wait, the last that was taken and the last that was not."""
    with parts.records.read() as tx:
        found = parts.trials.listing(tx)
    mine = [
        each
        for each in found
        if who.department is None or any(fnmatchcase(who.department, wanted) for wanted in each.departments)
    ]
    return answer({"items": wire(mine, zone_of(zone)), "next": None})


@router.post("/notify/receivers/{name}/test", responses=documents.one(documents.ReceiverTried))
def try_receiver(name: Name, parts: Parts, who: Admin, place: Place = 1) -> Response:
    """Send a test notice to one address of a receiver, now and once; what the vendor said is the answer."""
    who.need_all()
    try:
        tried = parts.trials.test(name, who.name, place)
    except NoSuchReceiver as error:
        zh = f"没有接收方 {name}，或该接收方没有第 {place} 个地址"
        raise Problem("not-found", str(error), zh=zh) from error
    with parts.records.begin() as tx:
        audit.note(tx, who.name, "notify.test", name, {"status": tried.status}, at=parts.clock.now())
    return answer(wire(tried, zone_of(parts.zone)))
