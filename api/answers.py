"""Answers as JSON, pages of them, entity tags, and the conditions a caller may put on a change."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.problem import Problem

JSON_TYPE: Final = "application/json"
_encoder: Final = msgspec.json.Encoder()


def answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = JSON_TYPE
) -> Response:
    """`body` as JSON; NaN becomes null."""
    return Response(_encoder.encode(body), status, headers, media_type)


def page_answer(request: Request, items: Sequence[object], cursor: str | None) -> Response:
    """A page `{"items", "next"}`, and where the next one is as a Link header (RFC 8288)."""
    return answer({"items": items, "next": cursor}, headers=next_link(request, cursor))


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The Link header that leads to the next page, none at the end."""
    if cursor is None:
        return {}
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<{request.url.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}


def etag_of(*words: object) -> str:
    """A strong entity tag of whatever decides the content."""
    digest = hashlib.blake2b("\0".join(map(str, words)).encode(), digest_size=8).hexdigest()
    return f'"{digest}"'


def tagged(request: Request, body: object, etag: str) -> Response:
    """`body` with its tag; 304 when the caller has it already (RFC 9110 section 13.1.2)."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept"}
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(None, 304, headers)
    return answer(body, headers=headers)


def check_match(request: Request, etag: str | None, *, needed: bool) -> None:
    """Hold a change to its If-Match and If-None-Match; `etag` is the present content's, None when there is none yet.

    Raises:
        Problem: `precondition-failed`, or `precondition-required` where a change needs one and has none.
    """
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if wanted is not None and (etag is None or not _names(wanted, etag)):
        raise _changed(etag)
    if unwanted is not None and etag is not None and _names(unwanted, etag):
        raise _changed(etag)
    if needed and etag is not None and wanted is None:
        detail = "Send If-Match with the ETag that was read, so that nobody's change is overwritten"
        raise Problem("precondition-required", detail, zh="请携带读取时得到的 ETag 作为 If-Match，以免覆盖他人的修改")


def if_match_version(request: Request, present: int) -> int | None:
    """The version that If-Match names by its tag `"N"`; None where any will do.

    Raises:
        Problem: `precondition-failed`: the header names other versions than the present one.
    """
    wanted = request.headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return None
    if not _names(wanted, f'"{present}"'):
        raise _changed(f'"{present}"')
    return present


def _names(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def _changed(etag: str | None) -> Problem:
    detail = "It was changed since it was read; read it again" if etag else "There is nothing of this name to change"
    zh = "读取后已被修改，请重新读取" if etag else "要修改的对象不存在"
    return Problem("precondition-failed", detail, zh=zh, headers={"ETag": etag} if etag else None)
