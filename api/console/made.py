"""`/static/made/`: each page's one script and one style sheet, made when somebody first needs them and anew when a file was changed.

Their addresses name their content, so a browser keeps them for good and asks for nothing twice.
"""

import gzip
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.console.bundle import Sources, write_script, write_style
from api.console.bundle.sourcemap import write_map
from api.console.bundle.sources import Stamp
from api.problem import Problem

PATH: Final = "/static/made"
TABLES: Final = "js/tables.js"
"""The module that asks for the page's words; a bundle brings them along in its place."""

_TYPES: Final = {"js": "text/javascript", "css": "text/css", "map": "application/json"}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_FIRST: Final = "js/settings.js"
_STYLES: Final = ("css/console.css", "vendor/uplot.css")


@dataclass(frozen=True, slots=True)
class Face:
    """What a page is made of, by name: its modules, and the tables of words and the style sheets it has beside the console's own."""

    name: str
    modules: tuple[str, ...]
    words: tuple[str, ...]
    styles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A file as it is sent: whole, and packed once for everybody. Its address names its content by `digest`."""

    address: str
    digest: str
    media_type: str
    body: bytes
    packed: bytes


class Making:
    """Makes the files of these pages, and keeps them while what they are made of stays as it is."""

    def __init__(self, sources: Sources, faces: Sequence[Face]) -> None:
        self._sources = sources
        self._faces = {face.name: face for face in faces}
        self._kept: dict[tuple[str, str], tuple[tuple[str, ...], tuple[Stamp | None, ...], tuple[Made, ...]]] = {}
        self._lock = threading.Lock()

    def script(self, name: str, language: str) -> Made:
        """The script of a page in `zh` or `en`.

        Raises:
            BundleMistake: a file of it cannot be carried over.
        """
        return self._of(name, language)[0]

    def source_map(self, name: str, language: str) -> Made:
        """Where the lines of that script come from."""
        return self._of(name, language)[1]

    def style(self, name: str) -> Made:
        """The style sheet of a page.

        Raises:
            BundleMistake: a file of it cannot be carried over.
        """
        return self._of(name, "")[0]

    def _of(self, name: str, language: str) -> tuple[Made, ...]:
        face = self._faces[name]
        with self._lock:
            known = self._kept.get((name, language))
            if known is None or self._sources.stamps(known[0]) != known[1]:
                files, made = self._write_script(face, language) if language else self._write_style(face)
                known = files, self._sources.stamps(files), made
                self._kept[name, language] = known
            return known[2]

    def _write_script(self, face: Face, language: str) -> tuple[tuple[str, ...], tuple[Made, ...]]:
        tables = tuple(f"i18n/{language}/{name}.json" for name in ("console", *face.words))
        texts = ",".join(self._sources.text(table).strip() for table in tables)
        entries = (_FIRST, *(f"js/{module}.js" for module in face.modules))
        script = write_script(self._sources, entries, {TABLES: f"export const tables = [{texts}];\n"})
        called = f"{face.name}.{language}"
        source_map = _made(f"{called}.js", "map", write_map(script, f"{called}.js"))
        link = f"//# sourceMappingURL={source_map.address}\n"
        files = (*(file for file in script.files if file != TABLES), *tables)
        return files, (_made(called, "js", (script.text + link).encode()), source_map)

    def _write_style(self, face: Face) -> tuple[tuple[str, ...], tuple[Made, ...]]:
        files = (*_STYLES, *(f"{name}.css" for name in face.styles))
        return files, (_made(face.name, "css", write_style(self._sources, files).encode()),)

    def find(self, address: str) -> Made | None:
        """What an address asks for, as it is now: the same page's newest file where the address is of an older one."""
        name, _, rest = address.partition(".")
        words = rest.split(".")
        if name not in self._faces:
            return None
        match words:
            case [_, "css"]:
                return self.style(name)
            case [("zh" | "en") as language, _, "js"]:
                return self.script(name, language)
            case [("zh" | "en") as language, "js", _, "map"]:
                return self.source_map(name, language)
        return None


def mount_made(app: FastAPI, making: Making) -> None:
    """Answer the addresses; to be added before the folder of static files."""

    def made(request: Request, file: str) -> Response:
        found = making.find(file)
        if found is None:
            raise Problem("not-found", "There is no such file")
        return _answer(request, found)

    app.add_api_route(f"{PATH}/{{file}}", made, include_in_schema=False, response_model=None)


def _answer(request: Request, found: Made) -> Response:
    # A page that was written before an update asks for what is no more: it gets what there is, and is not to keep it.
    same = request.url.path == found.address
    packs = "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{found.digest}{"-gzip" if packs else ""}"'
    headers = {"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": _FOR_GOOD if same else "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    return Response(found.packed if packs else found.body, headers=headers, media_type=found.media_type)


def _made(name: str, kind: str, body: bytes) -> Made:
    digest = hashlib.blake2b(body, digest_size=10).hexdigest()
    address = f"{PATH}/{name}.{digest}.{kind}"
    return Made(address, digest, _TYPES[kind], body, gzip.compress(body, 9, mtime=0))
