"""`/v1/users` and `/v1/tokens`: who may come in; administrators only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Parts
from api.bodies import NewPassword, NewToken, NewUser
from api.context import Context
from api.gate import Doorman
from api.identity import Identity, admin
from api.problem import Problem, invalid
from api.secret import secret_answer
from api.times import EXPECTED, parse_time
from hub.model import Station
from storage.records.access import TokenRow, create_token, list_tokens, revoke_token
from storage.records.users import add_user, list_users, reset_password
from storage.zones import zone_of

router = APIRouter(tags=["people"])

Admin = Annotated[Identity, Depends(admin)]
UserName = Annotated[str, Path(min_length=1, max_length=64)]
TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,32}$")]


@router.get("/users", responses=documents.page(documents.User))
def users(parts: Parts, who: Admin) -> Response:
    """Everybody who may log in."""
    who.need_all()
    with parts.records.read() as tx:
        found = list_users(tx)
    items = [
        {"name": one.name, "role": one.role, "department": one.department, "created": parts.zone_text(one.created)}
        for one in found
    ]
    return answer({"items": items, "next": None})


@router.post("/users", status_code=201, responses=documents.one(documents.User, status=201))
def new_user(given: NewUser, parts: Parts, who: Admin) -> Response:
    """Add a person."""
    who.need_all()
    now = parts.clock.now()
    try:
        with parts.records.begin() as tx:
            added = add_user(
                tx, given.name, given.password, given.role, actor=who.name, at=now, department=given.department
            )
    except ValueError as error:
        raise _unfit("password", error) from error
    if not added:
        raise Problem("conflict", f"There is already a user {given.name}", zh=f"用户 {given.name} 已存在")
    body = {"name": given.name, "role": given.role, "department": given.department, "created": parts.zone_text(now)}
    return answer(body, 201)


@router.put("/users/{name}/password", status_code=204, response_class=Response)
def new_password(request: Request, name: UserName, given: NewPassword, parts: Parts, who: Admin) -> Response:
    """Give a person a new password; their sessions end."""
    who.need_all()
    try:
        with parts.records.begin() as tx:
            known = reset_password(tx, name, given.password, actor=who.name, at=parts.clock.now())
    except ValueError as error:
        raise _unfit("password", error) from error
    if not known:
        raise Problem("not-found", f"There is no user {name}", zh=f"没有用户 {name}")
    _forget(request)
    return Response(status_code=204)


@router.get("/tokens", responses=documents.page(documents.Token))
def tokens(parts: Parts, who: Admin) -> Response:
    """Every token, newest first, without its secret."""
    who.need_all()
    with parts.records.read() as tx:
        found = list_tokens(tx)
    return answer({"items": [_token(one, parts) for one in found], "next": None})


@router.post("/tokens", status_code=201, responses=documents.one(documents.NewTokenAnswer, status=201))
def new_token(given: NewToken, parts: Parts, who: Admin) -> Response:
    """Make a token; its secret is in this answer and nowhere else."""
    who.need_all()
    now = parts.clock.now()
    expires = _expires(given.expires, parts, now)
    if (given.role == "device") != (given.device is not None):
        raise invalid("device", "DEPARTMENT/KIND/DEVICE with role device, and with no other role", "body")
    if given.device is not None:
        try:
            Station.parse(given.device)
        except ValueError as error:
            raise invalid("device", "DEPARTMENT/KIND/DEVICE", "body") from error
    with parts.records.begin() as tx:
        token_id, secret = create_token(
            tx,
            given.name,
            given.role,
            actor=who.name,
            at=now,
            department=given.department,
            device=given.device,
            expires=expires,
        )
    row = TokenRow(token_id, given.name, given.role, given.department, given.device, now, who.name, expires, None)
    return secret_answer({**_token(row, parts), "secret": secret}, 201)


@router.delete("/tokens/{token_id}", status_code=204, response_class=Response)
def end_token(request: Request, token_id: TokenId, parts: Parts, who: Admin) -> Response:
    """End a token at once."""
    who.need_all()
    with parts.records.begin() as tx:
        ended = revoke_token(tx, token_id, actor=who.name, at=parts.clock.now())
    if not ended:
        raise Problem("not-found", f"There is no token {token_id} that holds", zh=f"没有有效的令牌 {token_id}")
    _forget(request)
    return Response(status_code=204)


def _token(one: TokenRow, parts: Context) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role,
        "department": one.department,
        "device": one.device,
        "created": parts.zone_text(one.created),
        "created_by": one.created_by,
        "expires": None if one.expires is None else parts.zone_text(one.expires),
        "revoked": None if one.revoked is None else parts.zone_text(one.revoked),
    }


def _expires(text: str | None, parts: Context, now: int) -> int | None:
    if text is None:
        return None
    try:
        found = parse_time(text, zone_of(parts.zone), now)
    except (ValueError, OverflowError) as error:
        raise invalid("expires", EXPECTED, "body") from error
    if found <= now:
        raise invalid("expires", "a time to come", "body")
    return found


def _unfit(field: str, error: ValueError) -> Problem:
    return invalid(field, str(error).partition("expected ")[2] or str(error), "body")


def _forget(request: Request) -> None:
    doorman: Doorman = request.app.state.doorman
    doorman.forget()
