"""Errors on the way out, as RFC 9457 problems: a stable `type`, a title in the reader's language, and what was expected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.errors import BadQuery, BusUnavailable, LinkTaken, MessageTooLarge, Refused, StoreUnavailable

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/v1/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of problem: the last word of its `type`, its status and its title."""

    name: str
    status: int
    zh: str
    en: str


# Statuses: RFC 9110 section 15 (428, 429: RFC 6585). The names are public and never change.
_KINDS: Final = (
    Kind("bad-request", 400, "请求无法解析", "The request could not be read"),
    Kind("unauthorized", 401, "需要登录或令牌", "A token or a login is needed"),
    Kind("bad-credentials", 401, "用户名、密码或密钥不正确", "The name, password or secret is wrong"),
    Kind("forbidden", 403, "没有权限", "Not allowed for this account"),
    Kind("csrf", 403, "缺少或错误的CSRF令牌", "The CSRF token is missing or wrong"),
    Kind("not-found", 404, "未找到", "Not found"),
    Kind("method-not-allowed", 405, "不支持的请求方法", "The method is not allowed here"),
    Kind("not-acceptable", 406, "无法提供所要求的格式", "None of the accepted formats can be given"),
    Kind("conflict", 409, "与当前状态冲突", "It conflicts with the present state"),
    Kind("idempotency-conflict", 409, "幂等键已用于另一请求", "The idempotency key was used for another request"),
    Kind("gone", 410, "已失效", "It has ended"),
    Kind("precondition-failed", 412, "数据已被他人修改", "Somebody changed it in the meantime"),
    Kind("too-large", 413, "内容过大", "The content is too large"),
    Kind("unsupported-media-type", 415, "不支持的内容类型", "The content type is not supported"),
    Kind("invalid-parameter", 422, "参数不符合要求", "A parameter or field is not as expected"),
    Kind("refused", 422, "内容无法接收", "The content cannot be taken"),
    Kind("not-offered", 501, "本系统不提供该功能", "This hub does not offer it"),
    Kind("precondition-required", 428, "修改时须提供If-Match", "If-Match is needed for this change"),
    Kind("too-many-requests", 429, "尝试过于频繁", "Too many attempts"),
    Kind("internal", 500, "服务内部错误", "An error inside the hub"),
    Kind("unavailable", 503, "服务暂不可用", "A part of the hub is away"),
)

KINDS: Final = {kind.name: kind for kind in _KINDS}
_BY_STATUS: Final = {kind.status: kind.name for kind in reversed(_KINDS)}


class FieldError(msgspec.Struct, frozen=True):
    """One field or parameter: where it is, its name, what was expected."""

    field: str
    expected: str
    place: str = msgspec.field(default="query", name="in")


class Problem(HTTPException):
    """Raised wherever a request cannot be answered; `zh` is the detail in Chinese where officers read it."""

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        zh: str = "",
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        self.kind = KINDS[name]
        self.zh = zh
        self.errors = tuple(errors)
        self.extra = extra
        super().__init__(self.kind.status, detail, dict(headers or {}))


def invalid(field: str, expected: str, place: str = "query") -> Problem:
    """The problem of one parameter or field that is not as expected."""
    return Problem(
        "invalid-parameter",
        f"{field}: expected {expected}",
        zh=f"{field}：应为 {expected}",
        errors=[FieldError(field, expected, place)],
    )


def language_of(accept_language: str) -> str:
    """`zh` or `en`, whichever the header prefers (RFC 9110 section 12.5.4); `en` where it names neither."""
    best, chosen = 0.0, "en"
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary in ("zh", "en") and (weight := _weight(parameter)) > best:
            best, chosen = weight, primary
    return chosen


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


def problem_response(problem: Problem, accept_language: str, instance: str) -> Response:
    """The problem as `application/problem+json`."""
    language = language_of(accept_language)
    kind = problem.kind
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + kind.name,
        "title": kind.zh if language == "zh" else kind.en,
        "status": kind.status,
        "detail": (problem.zh or problem.detail) if language == "zh" else problem.detail,
        "instance": instance,
    }
    if problem.errors:
        body["errors"] = problem.errors
    body.update(problem.extra)
    headers = {"Content-Language": language, "Cache-Control": "no-store", "Vary": "Accept-Language"}
    headers.update(problem.headers or {})
    return Response(msgspec.json.encode(body), kind.status, headers, MEDIA_TYPE)


def from_status(error: HTTPException) -> Problem:
    """The framework's own refusal as a problem of ours."""
    name = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
    return Problem(name, str(error.detail), headers=error.headers)


def from_hub(error: Exception) -> Problem:
    """What a room raised, as a problem; anything not raised on purpose is `internal` and says nothing of our inside."""
    match error:
        case BadQuery(field=field, expected=expected):
            return invalid(field, expected)
        case Refused(reason=reason, detail=detail):
            return Problem("refused", detail, reason=reason)
        case LinkTaken():
            return Problem("conflict", str(error), zh=f"该协议标识已由 {error.station} 使用")
        case MessageTooLarge():
            return Problem("too-large", str(error))
        case StoreUnavailable() | BusUnavailable():
            return Problem("unavailable", str(error), headers={"Retry-After": "2"})
        case _:
            return Problem("internal", "The request could not be answered; the hub's log says why.")


def respond(request: Request, problem: Problem) -> Response:
    """The answer to `request` that says `problem`."""
    return problem_response(problem, request.headers.get("accept-language", ""), request.url.path)
