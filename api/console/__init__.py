"""The console: a few pages written by the server, the rest native modules; nothing is asked of another origin."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import jinja2
import msgspec
from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from api.console.bundle import Sources
from api.console.ground import mount_ground
from api.console.made import Face, Making, mount_made
from api.console.task import mount_task
from api.console.together import mount_together
from api.context import Context
from api.identity import Identity
from api.routes.session import session_body

_HERE: Final = Path(__file__).parent
_LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
_COOKIE: Final = "hub_lang"
_YEAR: Final = 365 * 86_400
_ICON: Final = "data:image/svg+xml," + quote((_HERE / "static" / "icon.svg").read_text(encoding="utf-8").strip())
_NAV: Final = (
    ("/", "nav.desk"),
    ("/map", "nav.map"),
    ("/cameras", "nav.cameras"),
    ("/history", "nav.history"),
    ("/people", "nav.people"),
    ("/handover", "nav.handover"),
)
_MORE: Final = (
    ("/report", "nav.report"),
    ("/figures", "nav.figures"),
    ("/bulletin", "nav.bulletin"),
    ("/field", "nav.field"),
    ("/dead-letters", "nav.dead"),
    ("/system", "nav.system"),
)
"""What is asked for less often, behind one word."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address, template, title's word, the modules that bring it to life, and what it has beside the console's own tables of words and styles.

    `below` are the addresses under it that the same page answers.
    """

    path: str
    template: str
    title: str
    modules: tuple[str, ...]
    words: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What its made files are called."""
        return self.modules[0].replace("/", "-")


PAGES: Final = (
    Page("/", "desk.html", "nav.desk", ("desk",), words=("desk", "events", "report"), styles=("css/map", "css/desk")),
    Page(
        "/incidents/{number}",
        "incident.html",
        "nav.desk",
        ("incident/page",),
        words=("desk", "events", "report"),
        styles=("css/desk",),
    ),
    Page(
        "/handover",
        "plain.html",
        "nav.handover",
        ("handover/page",),
        ("desk", "handover", "events", "report"),
        ("css/desk",),
    ),
    Page("/figures", "plain.html", "nav.figures", ("figures/page",), ("figures", "events"), ("css/desk",)),
    Page("/map", "map.html", "nav.map", ("map/page",), words=("map", "events"), styles=("css/map",)),
    Page("/history", "history.html", "nav.history", ("history/page",), words=("history",), styles=("css/history",)),
    Page(
        "/bulletin", "bulletin.html", "nav.bulletin", ("bulletin/page",), words=("bulletin",), styles=("css/bulletin",)
    ),
    Page("/report", "plain.html", "nav.report", ("report/page",), words=("report",), styles=("css/report",)),
    Page(
        "/cameras",
        "cameras.html",
        "nav.cameras",
        ("cameras/page",),
        words=("cameras",),
        styles=("css/cameras",),
        below=("/cameras/{department}/{device}",),
    ),
    Page("/people", "people.html", "nav.people", ("people/page",), words=("people",), styles=("css/people",)),
    Page("/field", "plain.html", "nav.field", ("field/page",), words=("field",), styles=("css/field",)),
    Page("/dead-letters", "plain.html", "nav.dead", ("dead-letters",)),
    Page("/system", "plain.html", "nav.system", ("system",), words=("desk",), styles=("css/desk",)),
    Page("/login", "login.html", "login.title", ("login",)),
)


class _Files(StaticFiles):
    """Static files that a browser keeps but asks about, so that an update is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def words_of(language: str) -> dict[str, str]:
    """Every page's words in `zh` or `en`."""
    words: dict[str, str] = {}
    for path in sorted((_HERE / "static" / "i18n" / language).glob("*.json")):
        words |= msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    return words


def making_of(sources: Sources) -> Making:
    """What makes each page's script and style sheet."""
    return Making(sources, [Face(page.name, page.modules, page.words, page.styles) for page in PAGES])


def mount_console(app: FastAPI, context: Context) -> None:
    """Add the pages and the static files."""
    loader = jinja2.FileSystemLoader(_HERE / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    words = {language: words_of(language) for language in _LANGUAGES}
    making = making_of(Sources(_HERE / "static"))
    for page in PAGES:
        for path in (page.path, *page.below):
            app.add_api_route(path, _answer(page, templates, words, context, making), include_in_schema=False)
    mount_made(app, making)
    mount_together(app)
    mount_ground(app, context.settings)
    mount_task(app, context, templates, words, _language_of)
    app.mount("/static", _Files(directory=_HERE / "static"), name="static")


def _answer(
    page: Page, templates: jinja2.Environment, words: dict[str, dict[str, str]], context: Context, making: Making
) -> Callable[[Request], HTMLResponse]:
    template = templates.get_template(page.template)

    def answer(request: Request) -> HTMLResponse:
        asked = request.query_params.get("lang")
        language = _language_of(request)
        identity = getattr(request.state, "identity", None)
        text = template.render(
            lang=_LANGUAGES[language],
            other="en" if language == "zh" else "zh",
            words=words[language],
            title=page.title,
            script=making.script(page.name, language).address,
            style=making.style(page.name).address,
            pages=_NAV,
            more=_MORE,
            more_here=dict(_MORE).get(request.url.path, ""),
            here=page.path,
            address=request.url.path,
            user=None if identity is None else identity.name,
            site=_site(context, language, page),
            session=None if identity is None else session_body(identity, _until(context, identity)),
            icon=_ICON,
        )
        response = HTMLResponse(text, headers={"Cache-Control": "private, no-store"})
        if asked in _LANGUAGES:
            response.set_cookie(_COOKIE, asked, max_age=_YEAR, samesite="lax")
        return response

    return answer


def _until(context: Context, identity: Identity) -> str | None:
    return None if identity.expires is None else context.zone_text(identity.expires)


def _site(context: Context, language: str, page: Page) -> dict[str, object]:
    hub = context.settings.hub
    offset = datetime.fromtimestamp(context.clock.now() / 1000, UTC).astimezone(ZoneInfo(hub.zone)).strftime("%z")
    name = (hub.name_zh if language == "zh" else hub.name_en) or "Streamwarden"
    return {
        "zone": hub.zone,
        "offset": f"{offset[:3]}:{offset[3:]}",
        "name": name,
        "words": ["console", *page.words],
    }


def _language_of(request: Request) -> str:
    for word in (request.query_params.get("lang"), request.cookies.get(_COOKIE)):
        if word in _LANGUAGES:
            return str(word)
    return "en" if request.headers.get("accept-language", "").lower().lstrip().startswith("en") else "zh"
