"""The phone page of field staff: `/t/{token}`, opened from a notice's link, and what keeps it working without signal."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import jinja2
from fastapi import FastAPI, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from alerts.field_work import issuing
from alerts.field_work.issuing import LinkRefused
from api.context import Context
from api.routes.tasks import task_view

Words = Mapping[str, Mapping[str, str]]
"""Every page's words, by language."""

_WORKER: Final = Path(__file__).parent / "static" / "task" / "worker.js"
_HEADERS: Final = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
_CODES: Final = {"zh": "zh-CN", "en": "en"}
_GONE: Final = {"forged": 404, "expired": 410, "revoked": 410}


def mount_task(
    app: FastAPI, context: Context, templates: jinja2.Environment, words: Words, language_of: Callable[[Request], str]
) -> None:
    """Add the page, the answer to links that open nothing, and the worker that opens the page without signal."""
    page, closed = templates.get_template("task.html"), templates.get_template("task-closed.html")
    mine = {
        code: {key: text for key, text in table.items() if key.startswith("task.")} for code, table in words.items()
    }

    def worker() -> Response:
        # Its address says which pages it may keep: those below /t/.
        return FileResponse(_WORKER, headers={"Cache-Control": "no-cache"}, media_type="text/javascript")

    def task(request: Request, token: str) -> Response:
        language = language_of(request)
        site = _site(context, language)
        try:
            with context.records.read() as tx:
                link = issuing.check(tx, token, at=context.clock.now())
                view = task_view(tx, link, context, language)
        except LinkRefused as error:
            tables = [(_CODES[code], mine[code]) for code in (language, *(set(mine) - {language}))]
            text = closed.render(lang=_CODES[language], why=error.why, tables=tables, site=site)
            return HTMLResponse(text, _GONE[error.why], _HEADERS)
        text = page.render(lang=_CODES[language], words=mine[language], site=site, task=view)
        return HTMLResponse(text, headers=_HEADERS)

    app.add_api_route("/t/worker.js", worker, include_in_schema=False, response_model=None)
    app.add_api_route("/t/{token}", task, include_in_schema=False, response_model=None)


def _site(context: Context, language: str) -> dict[str, str]:
    hub = context.settings.hub
    name = (hub.name_zh if language == "zh" else hub.name_en) or "Streamwarden"
    return {"zone": hub.zone, "name": name, "phone": hub.duty_phone}
