"""Small pages of the API itself: its document, what it means for a reader, and what each problem means."""

import html
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api.answers import answer
from api.asking import Viewers
from api.problem import KINDS, TYPE_PREFIX, Problem

router = APIRouter(include_in_schema=False, dependencies=[Viewers])

_STYLE: Final = "body{font:15px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}code{background:#8882}"
_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return answer(request.app.openapi())


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The document as one plain page, without script and without another origin."""
    document = request.app.openapi()
    sections = [
        _operation(method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    title = html.escape(document["info"]["title"])
    body = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style><h1>{title} /v1</h1>"
    return HTMLResponse(body + "".join(sections), headers={"Content-Security-Policy": _CSP})


@router.get("/problems/{name}")
async def problem(name: str) -> Response:
    """What a problem type means."""
    kind = KINDS.get(name)
    if kind is None:
        raise Problem("not-found", "No problem has this type")
    return answer({"type": TYPE_PREFIX + kind.name, "status": kind.status, "title": {"en": kind.en, "zh": kind.zh}})


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    text = html.escape(operation.get("description", operation.get("summary", "")))
    rows = "".join(
        f"<li><code>{html.escape(one['name'])}</code> ({html.escape(one['in'])}) {html.escape(one.get('description', ''))}"
        for one in operation.get("parameters", [])
    )
    return f"<h2><code>{method.upper()} {html.escape(path)}</code></h2><p>{text}<ul>{rows}</ul>"
