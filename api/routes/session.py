"""`/v1/session`: logging in and out; a session is a cookie that scripts cannot read, and a CSRF token that they must send."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Parts, Who
from api.bodies import Login
from api.gate import COOKIE, CSRF_HEADER, Doorman
from api.identity import Identity
from api.problem import Problem
from api.reading import JsonOnly
from storage.records.access import close_session, open_session
from storage.records.users import Throttled, check_password

router = APIRouter(tags=["session"])


@router.post(
    "/session", status_code=201, responses=documents.one(documents.Session, status=201), dependencies=[JsonOnly]
)
def log_in(login: Login, parts: Parts) -> Response:
    """Log in; the answer sets the session's cookie and names its CSRF token."""
    now = parts.clock.now()
    try:
        principal = check_password(parts.records, login.name, login.password, at=now)
    except Throttled as error:
        wait = str((error.wait_ms + 999) // 1000)
        zh = f"密码错误次数过多，请 {wait} 秒后再试"
        raise Problem("too-many-requests", str(error), zh=zh, headers={"Retry-After": wait}) from None
    if principal is None:
        raise Problem("bad-credentials", "No such name with this password", zh="用户名或密码不正确")
    with parts.records.begin() as tx:
        opened = open_session(tx, principal.name, at=now)
    identity = Identity(principal, opened.csrf, opened.secret, opened.expires)
    response = answer(session_body(identity, parts.zone_text(opened.expires)), 201)
    response.set_cookie(
        COOKIE,
        opened.secret,
        max_age=(opened.expires - now) // 1000,
        secure=parts.settings.serve.secure_cookie,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/session", responses=documents.one(documents.Session))
def session(parts: Parts, who: Who) -> Response:
    """Who asks, and, for a session, the CSRF token that its changes must carry in the header X-CSRF-Token."""
    return answer(session_body(who, None if who.expires is None else parts.zone_text(who.expires)))


@router.delete("/session", status_code=204, response_class=Response)
def log_out(request: Request, parts: Parts, who: Who) -> Response:
    """End the session; its cookie is worth nothing any more."""
    if who.secret:
        with parts.records.begin() as tx:
            close_session(tx, who.secret)
    doorman: Doorman = request.app.state.doorman
    doorman.forget()
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=parts.settings.serve.secure_cookie)
    return response


def session_body(who: Identity, expires: str | None) -> dict[str, object]:
    """Who it is, as the answer says it."""
    return {
        "name": who.name,
        "role": who.role,
        "department": who.department,
        "csrf": who.csrf or None,
        "csrf_header": CSRF_HEADER if who.csrf else None,
        "expires": expires,
    }
