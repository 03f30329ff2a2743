"""A page's modules as one script mean what they mean as files; what cannot be carried over is refused with its place."""

import contextlib
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from api import console
from api.console import PAGES, making_of
from api.console.bundle import BundleMistake, Sources, write_script, write_style
from api.console.bundle.mask import mask
from api.console.bundle.sourcemap import write_map
from tests.api.hub import Hub, make_hub

STATIC = Path(__file__).parents[2] / "api" / "console" / "static"


def sources(folder: Path, files: Mapping[str, str]) -> Sources:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Sources(folder)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def run(page: Page, script: str) -> list[str]:
    """What the script said by `say`, once it is still."""
    code = f"globalThis.said = []; globalThis.say = (word) => said.push(String(word));\n{script}"
    page.evaluate("(code) => import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))", code)
    page.wait_for_function("said.includes('end')")
    said: list[str] = page.evaluate("said")
    return said


def test_modules_run_once_in_order_and_share_what_they_hold(tmp_path: Path, page: Page) -> None:
    files = {
        "js/count.js": 'say("count");\nexport const box = { n: 0 };\nexport function up() { return ++box.n; }\n',
        "js/all.js": 'export * from "./count.js";\nexport const own = 1;\n',
        "js/a/first.js": 'import {\n  box as held,\n  up,\n} from "../all.js";\nsay("first");\nup();\n'
        "export const seen = held;\nawait null;\nexport class Thing {}\n",
        "js/late.js": 'import { up } from "./count.js";\nsay("late");\nexport { up as again };\n',
        "js/page.js": 'import * as all from "/static/js/all.js";\nimport { seen, Thing } from "./a/first.js";\n'
        'say("page " + all.own + " " + (seen === all.box) + " " + new Thing().constructor.name);\n'
        'const { again } = await import("./late.js");\nsay(again() + " " + all.box.n);\n'
        'import("./late.js").then((one) => (say(one.again()), say("end")));\n',
    }
    script = write_script(sources(tmp_path, files), ["js/page.js"])
    assert run(page, script.text) == ["count", "first", "page 1 true Thing", "late", "2 2", "3", "end"]


def test_a_failed_entry_leaves_the_next_alone(tmp_path: Path, page: Page) -> None:
    files = {"js/settings.js": 'throw new Error("no storage");\n', "js/page.js": 'say("end");\n'}
    assert run(page, write_script(sources(tmp_path, files), ["js/settings.js", "js/page.js"]).text) == ["end"]


def test_only_code_is_read_as_code(tmp_path: Path, page: Page) -> None:
    text = (
        '/** @type {import("./none.js").Sort} */\n'
        "const a = \"import { x } from './none.js';\"; // export default\n"
        "const b = `export ${[1, 2].map((n) => `${n}import(x)`).join('}')} let`;\n"
        'const c = 8 / 4 / 2, d = "a/b".replace(/["\'`/{]|[/}]/g, "import");\n'
        'const o = { import: 1, export: 2 };\nsay([a, b, c, d, o.import + o.export].join("|"));\nsay("end");\n'
    )
    script = write_script(sources(tmp_path, {"js/page.js": text}), ["js/page.js"])
    said = "import { x } from './none.js';|export 1import(x)}2import(x) let|1|aimportb|3"
    assert run(page, script.text) == [said, "end"]


REFUSED = [
    ("export default 1;", 1, "expected export const"),
    ("\nexport let a = 1;", 2, "expected export const"),
    ("export const { a } = b;", 1, "expected export const"),
    ("export const a = 1;\nexport { b as a };", 2, "a is exported twice"),
    ('export { a } from "./other.js";', 1, "expected export const"),
    ('import other from "./other.js";', 1, "expected import { names }"),
    ('import { default as a } from "./other.js";', 1, "expected a name"),
    ('\n\nimport { lacking } from "./other.js";', 3, "js/other.js exports no lacking"),
    ('import { a } from "./none.js";', 1, "there is no js/none.js"),
    ('const a = 1;\nimport { one } from "./other.js";', 2, "imports come before all else"),
    ('import { one } from "other";', 1, "neither below /static/ nor beside"),
    ("import(name);", 1, "import() of a plain string"),
    ('const a = 1;\nimport("./none.js");', 2, "there is no js/none.js"),
    ("import.meta.url;", 1, "expected import { names }"),
    ("const __module = 1;", 1, "the bundle's own name"),
    ('import { one } from "./circle.js";', 1, "js/page.js -> js/circle.js -> js/page.js"),
    ("const a = `1\n", 1, "` is never closed"),
    ("const a = (1;\n}", 2, "} closes ("),
    ("f(\n{}", 1, "( is never closed"),
    ("const a = 'b\n';", 1, "' is never closed"),
    ("\n/* b", 2, "/* is never closed"),
]


@pytest.mark.parametrize(("text", "line", "what"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, text: str, line: int, what: str) -> None:
    files = {
        "js/page.js": text,
        "js/other.js": "export const one = 1;\n",
        "js/circle.js": 'import { x } from "./page.js";\nexport const one = 1;\n',
    }
    with pytest.raises(BundleMistake) as error:
        write_script(sources(tmp_path, files), ["js/page.js"])
    circle = "circle" in text
    assert (error.value.path, error.value.line) == ("js/circle.js" if circle else "js/page.js", line)
    assert what in str(error.value)


@given(st.text(alphabet="ab1 \n\"'`/*\\${}()[].=+", max_size=40))
def test_masking_keeps_every_place_or_refuses(text: str) -> None:
    with contextlib.suppress(BundleMistake):
        masked = mask(text, "a.js")
        assert [len(line) for line in masked.split("\n")] == [len(line) for line in text.split("\n")]


def test_every_line_is_where_it_came_from() -> None:
    found = Sources(STATIC)
    script = write_script(found, ["js/settings.js", "js/desk.js"])
    for line, origin in zip(script.text.split("\n"), script.lines, strict=False):
        if origin is not None:
            written = found.text(origin[0]).split("\n")[origin[1]]
            assert line == written or "import" in written or "export" in written


def test_the_map_leads_from_a_line_to_its_file(tmp_path: Path) -> None:
    files = {"js/b.js": "\nexport const b = 1;\n", "js/a.js": 'import { b } from "./b.js";\nb;\n'}
    script = write_script(sources(tmp_path, files), ["js/a.js"])
    read = json.loads(write_map(script, "page.js"))
    assert read["sources"] == ["/static/js/b.js", "/static/js/a.js"]
    # Worked out by hand: three lines of the head, one of the module; the second file begins where the first ended.
    assert read["mappings"].split(";")[3:] == ["", "AAAA", "AACA", "", "", "", "ACDA", "AACA", "", "", "", ""]


def test_style_sheets_are_one_in_their_order(tmp_path: Path) -> None:
    found = sources(tmp_path, {"css/a.css": "p{color:red}\n", "css/b.css": "/* url(x) */\np{background:url(/a.svg)}"})
    assert write_style(found, ["css/a.css", "css/b.css"]) == (
        "/* css/a.css */\np{color:red}\n/* css/b.css */\n/* url(x) */\np{background:url(/a.svg)}\n"
    )


@pytest.mark.parametrize("text", ['@import "b.css";', "p{background:url(a.svg)}", 'p{background:url( "a.svg")}'])
def test_a_style_sheet_that_leads_elsewhere_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BundleMistake, match=r"css/a\.css:2"):
        write_style(sources(tmp_path, {"css/a.css": "\n" + text}), ["css/a.css"])


def test_a_changed_file_is_seen(tmp_path: Path) -> None:
    static = {
        path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in STATIC.rglob("*.[jc]s*")
    }
    making = making_of(sources(tmp_path, static))
    before = making.script("desk", "zh")
    assert making.script("desk", "zh") is before
    for changed in ("js/now.js", "i18n/zh/desk.json"):
        text = static[changed].replace(": ", ":  ").replace("1000", "2000")
        (tmp_path / changed).write_text(text, encoding="utf-8")
        after = making.script("desk", "zh")
        assert after.address != before.address, changed
        before = after


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    made = make_hub(tmp_path_factory.mktemp("hub"))
    yield made
    made.close()


@pytest.mark.parametrize("here", PAGES, ids=lambda page: page.path)
def test_every_page_names_one_script_and_one_style_sheet_that_are_there(hub: Hub, here: console.Page) -> None:
    text = hub.get(here.path.format(number="none")).text
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    assert [name.rpartition(".")[2] for name in named] == ["css", "js"]
    for name in named:
        answer = hub.get(name, None)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")


def test_a_made_file_is_packed_tagged_and_never_wrongly_kept(hub: Hub) -> None:
    name = re.findall(r'src="(/static/made/desk[^"]+)"', hub.get("/").text)[0]
    packed = hub.ask("GET", name, None, headers={"Accept-Encoding": "gzip"})
    plain = hub.ask("GET", name, None, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert len(gzip.compress(plain.content, 9)) >= int(packed.headers["content-length"])
    assert packed.headers["etag"] != plain.headers["etag"]
    again = hub.ask("GET", name, None, headers={"If-None-Match": packed.headers["etag"], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.content) == (304, b"")
    older = hub.get(re.sub(r"\.[0-9a-f]{20}\.", ".00000000000000000000.", name), None)
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    assert older.text == plain.text
    for nothing in ("none.zh.0.js", "desk.fr.0.js", "desk", "desk.zh.0.css"):
        assert hub.get(f"/static/made/{nothing}", None).status_code == 404
    source_map = re.findall(r"sourceMappingURL=(\S+)", plain.text)[-1]
    assert hub.get(source_map, None).json()["sources"][0] == "/static/js/settings.js"
