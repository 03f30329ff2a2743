"""`/v1/rules`: the rules in force, their versions, and putting a new one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer, check_match, tagged
from api.asking import InZone, Parts, Viewers
from api.identity import Identity, admin
from api.problem import Problem
from api.rule_body import RuleBody, body_of, rule_of
from api.rule_file import keep_rule, unkeep_rule
from hub.clock import rfc3339
from storage.records.rules import get_rule, list_rules, put_rule, remove_rule, versions
from storage.zones import zone_of

router = APIRouter(tags=["rules"], dependencies=[Viewers])

Admin = Annotated[Identity, Depends(admin)]
RuleId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Version = Annotated[
    int | None, Query(ge=1, le=(1 << 31) - 1, description="An earlier version; the one in force when absent")
]


@router.get("/rules", responses=documents.page(documents.Rule))
def rules(parts: Parts) -> Response:
    """The rules in force by id."""
    with parts.records.read() as tx:
        found = list_rules(tx)
    return answer({"items": [body_of(rule) for rule in found], "next": None})


@router.get("/rules/{rule_id}", responses=documents.one(documents.Rule))
def rule(request: Request, rule_id: RuleId, parts: Parts, version: Version = None) -> Response:
    """One rule; its ETag is its version."""
    with parts.records.read() as tx:
        found = get_rule(tx, rule_id, version)
    if found is None:
        raise _unknown(rule_id)
    return tagged(request, body_of(found), _etag(found.version))


@router.get("/rules/{rule_id}/versions", responses=documents.page(documents.RuleVersion))
def rule_versions(rule_id: RuleId, parts: Parts, zone: InZone) -> Response:
    """Every version of a rule, newest first, with who put it."""
    with parts.records.read() as tx:
        found = versions(tx, rule_id)
    if not found:
        raise _unknown(rule_id)
    info = zone_of(zone)
    items = [{"at": rfc3339(one.at, info), "actor": one.actor, "rule": body_of(one.rule)} for one in found]
    return answer({"items": items, "next": None})


@router.put("/rules/{rule_id}", responses=documents.one(documents.Rule))
def put(request: Request, rule_id: RuleId, given: RuleBody, parts: Parts, who: Admin) -> Response:
    """Bring a rule into force in a new version; a change needs If-Match with the version that was read."""
    who.need_all()
    fresh = rule_of(given, rule_id)
    with parts.records.begin() as tx:
        known = get_rule(tx, rule_id)
        check_match(request, None if known is None else _etag(known.version), needed=True)
        now = put_rule(tx, fresh, actor=who.name, at=parts.clock.now())
        # Inside the transaction: when the file cannot be written, the rule does not come into force either.
        keep_rule(parts.settings.hub.rules, now)
    headers = {"ETag": _etag(now.version), "Location": f"/v1/rules/{rule_id}"}
    return answer(body_of(now), 201 if known is None else 200, headers)


@router.delete("/rules/{rule_id}", status_code=204, response_class=Response)
def remove(request: Request, rule_id: RuleId, parts: Parts, who: Admin) -> Response:
    """Take a rule out of force, under If-Match; its versions stay."""
    who.need_all()
    with parts.records.begin() as tx:
        known = get_rule(tx, rule_id)
        if known is None:
            raise _unknown(rule_id)
        check_match(request, _etag(known.version), needed=True)
        remove_rule(tx, rule_id, actor=who.name, at=parts.clock.now())
        unkeep_rule(parts.settings.hub.rules, rule_id)
    return Response(status_code=204)


def _etag(version: int) -> str:
    return f'"{version}"'


def _unknown(rule_id: str) -> Problem:
    return Problem("not-found", f"There is no rule {rule_id} in force", zh=f"没有生效的规则 {rule_id}")
