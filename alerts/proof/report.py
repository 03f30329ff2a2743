"""The report of a case: A4, black on white, to be read and filed by people; every page says which case it belongs to."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

from PIL import Image as Picture
from reportlab.lib.colors import black
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from alerts.proof.drawing import CJK, WIDTH, Place, chart, sketch
from alerts.proof.gather import Gathered
from alerts.proof.report_words import KINDS, REASONS, RESULTS, STATES, WORDS, level_words, pick
from alerts.proof.window import Window
from alerts.telling import Site
from hub.clock import rfc3339
from hub.properties import PROPERTIES

LANGUAGES: Final = ("zh", "en")

_ROWS: Final = 300
_PICTURES: Final = 12
_PIXELS: Final = 1200
_TEXT: Final = 400

_PLAIN: Final = ParagraphStyle("plain", fontName=CJK, fontSize=9, leading=12, wordWrap="CJK", alignment=TA_LEFT)
_SMALL: Final = ParagraphStyle("small", parent=_PLAIN, fontSize=7.5, leading=9.5)
_TITLE: Final = ParagraphStyle("title", parent=_PLAIN, fontSize=17, leading=22)
_HEAD: Final = ParagraphStyle("head", parent=_PLAIN, fontSize=11.5, leading=15, spaceBefore=9, spaceAfter=3)
_GRID: Final = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, black),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)

pdfmetrics.registerFont(UnicodeCIDFont(CJK))


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of; `pictures` are the evidence that is still kept, by SHA-256."""

    gathered: Gathered
    log: Sequence[Mapping[str, Any]]
    window: Window
    pictures: Mapping[str, Path]
    content: str
    site: Site
    places: tuple[Place, ...] = ()


def write_report(file: BinaryIO, material: Material, language: str) -> None:
    """Write the report in `zh` or `en`; the same material gives the same bytes."""
    _Report(material, language).write(file)


class _Report:
    """One report."""

    def __init__(self, material: Material, language: str) -> None:
        self._is = material
        self._language = language
        self._row = material.gathered.incident

    def write(self, file: BinaryIO) -> None:
        title = f"{self._word('title')} {self._row['number']}"
        # Without `invariant` the file would tell when it was made.
        document = SimpleDocTemplate(
            file,
            pagesize=A4,
            title=title,
            author=self._is.site.district,
            invariant=1,
            leftMargin=20 * mm,
            rightMargin=20 * mm,
            topMargin=16 * mm,
            bottomMargin=20 * mm,
        )
        story = [*self._head(), *self._alerts(), *self._place(), *self._readings(), *self._evidence()]
        story += [*self._timeline(), *self._told(), Spacer(1, 8), self._text(self._word("check"), _SMALL)]
        document.build(story, canvasmaker=self._canvas())

    # --- parts

    def _head(self) -> list[Flowable]:
        row, pair = self._row, " / "
        level = pair.join(level_words(row[name], self._language) for name in ("level", "max_level"))
        facts = [
            ("number", row["number"]),
            ("what", row["text"] or self._property() or row["type"]),
            ("level", level),
            ("place", self._is.gathered.station + (f" · {row['area']}" if row["area"] else "")),
            ("state", pick(STATES, row["state"], self._language)),
            ("round", str(row["round"])),
            *((name, self._moment(row[name])) for name in ("opened", "verified")),
            ("acknowledged", self._by("acknowledged")),
            *((name, self._moment(row[name])) for name in ("dispatched", "arrived", "solved")),
            ("closed", self._by("closed")),
            *((name, row[name]) for name in ("owner", "cause_code", "resolution", "reason")),
        ]
        rows = [[self._word(name), str(value)] for name, value in facts if value]
        told = [self._text(self._word("overridden"))] if row["overridden"] else []
        zone = self._text(self._word("zone").format(self._is.site.zone.key), _SMALL)
        title = self._text(f"{self._is.site.district} {self._word('title')}", _TITLE)
        return [title, Spacer(1, 4), self._table(rows, (34, 136)), *told, Spacer(1, 2), zone]

    def _alerts(self) -> list[Flowable]:
        head = [self._word(name) for name in ("rule", "value", "limit", "start", "fired", "cleared")]
        rows = [
            [
                f"{one['rule']} v{one['rule_version']}, {level_words(one['max_level'], self._language)}",
                *(_number(one[name], one["unit"]) for name in ("value", "limit")),
                *(self._moment(one[name]) for name in ("breach_start", "fired", "cleared")),
            ]
            for one in self._is.gathered.alerts
        ]
        return self._section("alerts", [head, *rows], (50, 22, 22, 26, 25, 25), "")

    def _place(self) -> list[Flowable]:
        row, station = self._row, self._is.gathered.station
        own = next((place for place in self._is.places if place.station == station), None)
        at = (row["lon"], row["lat"]) if row["lon"] is not None and row["lat"] is not None else None
        at = at or (None if own is None else (own.lon, own.lat))
        if at is None:
            return [self._text(self._word("map"), _HEAD), self._text(self._word("no_place"))]
        name = station if own is None else own.label
        return [KeepTogether([self._text(self._word("map"), _HEAD), sketch(at, name, self._is.places)])]

    def _readings(self) -> list[Flowable]:
        window, shown = self._is.window, list[Flowable]()
        ends = self._moment(window.start), self._moment(window.end)
        limits = {one["property"]: one["limit"] for one in self._is.gathered.alerts if one["limit"] is not None}
        for name, points in sorted(window.drawn.items())[:6]:
            limit = limits.get(name)
            entry = PROPERTIES.get(name)
            unit = "" if entry is None else entry.unit
            title = f"{self._named(name)} {unit}" + ("" if limit is None else f" · {self._word('limit')} {limit:g}")
            shown.append(KeepTogether([self._text(title), chart(points, (window.start, window.end), limit, ends)]))
        if not shown:
            shown = [self._text(self._word("no_readings"))]
        head = self._text(f"{self._word('chart')} ({window.station})", _HEAD)
        return [head, *shown, *self._more(0 if window.whole else 1, at_least=True)]

    def _evidence(self) -> list[Flowable]:
        shown: list[Flowable] = []
        pictures = 0
        for piece in self._is.gathered.evidence:
            sha256 = str(piece["sha256"])
            path, media = self._is.pictures.get(sha256), str(piece.get("media_type", ""))
            captured = piece.get("captured")
            words = [str(piece.get("kind", "")), str(piece.get("role", "")), str(piece.get("device", ""))]
            words += [self._moment(captured), str(piece.get("added_by", "")), sha256]
            picture = None
            if path is None:
                words.append(self._word("missing"))
            elif media.startswith("image/") and pictures < _PICTURES:
                picture = _picture(path)
                pictures += picture is not None
            if path is not None and picture is None:
                words.append(self._word("not_shown"))
            line = self._text(" · ".join(word for word in words if word), _SMALL)
            shown.append(line if picture is None else KeepTogether([picture, line, Spacer(1, 4)]))
        head = self._text(self._word("pictures"), _HEAD)
        return [head, *(shown[:_ROWS] or [self._text(self._word("no_evidence"))]), *self._more(len(shown) - _ROWS)]

    def _timeline(self) -> list[Flowable]:
        head = ["", self._word("time"), self._word("event"), self._word("who"), self._word("reason")]
        rows = [
            [
                *(str(one["seq"]), self._moment(one["at"]), pick(KINDS, one["kind"], self._language)),
                *(one["actor"], one["reason"]),
            ]
            for one in self._is.log
        ]
        return self._section("timeline", [head, *rows], (9, 30, 30, 28, 73), "")

    def _told(self) -> list[Flowable]:
        head = [self._word(name) for name in ("time", "receiver", "channel", "why", "result", "answer")]
        rows = []
        for one in self._is.gathered.deliveries:
            receiver = f"{one['receiver']} {one['address']}"
            result = pick(RESULTS, one["state"], self._language)
            done = f" {self._moment(one['done'])}" if one["done"] else ""
            why = pick(REASONS, one["type"], self._language)
            vendor = one["attempts"][-1]["vendor_id"] if one["attempts"] else ""
            answer = f"{one['answer']} {vendor}".strip()
            rows.append([self._moment(one["created"]), receiver, one["channel"], why, result + done, answer])
        return self._section("told", [head, *rows], (28, 40, 20, 20, 30, 32), "nobody")

    # --- pieces

    def _section(self, word: str, rows: list[list[str]], widths: Sequence[float], none: str) -> list[Flowable]:
        """A heading and a table whose first row is its head; long ones end with what was left out."""
        head = self._text(self._word(word), _HEAD)
        if len(rows) == 1:
            return [head, self._text(self._word(none))] if none else []
        return [head, self._table(rows[: _ROWS + 1], widths, head=1), *self._more(len(rows) - 1 - _ROWS)]

    def _more(self, count: int, *, at_least: bool = False) -> list[Flowable]:
        said = f"≥ {count}" if at_least else str(count)
        return [self._text(self._word("more").format(said), _SMALL)] if count > 0 else []

    def _table(self, rows: list[list[str]], widths: Sequence[float], head: int = 0) -> Table:
        cells = [[self._text(cell, _SMALL if head else _PLAIN) for cell in row] for row in rows]
        return Table(cells, [width * mm for width in widths], repeatRows=head, style=_GRID, hAlign="LEFT")

    def _text(self, words: str, style: ParagraphStyle = _PLAIN) -> Paragraph:
        return Paragraph(_faced(words if len(words) <= _TEXT else words[:_TEXT] + "…"), style)

    def _word(self, word: str) -> str:
        return pick(WORDS, word, self._language) if word else ""

    def _named(self, code: str) -> str:
        entry = PROPERTIES.get(code)
        return code if entry is None else (entry.zh if self._language == "zh" else entry.en)

    def _property(self) -> str:
        code = self._row["property"]
        return "" if code is None else self._named(code)

    def _by(self, name: str) -> str:
        at, who = self._row[name], self._row[f"{name}_by"]
        return "" if at is None else f"{self._moment(at)} {who or ''}"

    def _moment(self, at: int | None) -> str:
        return "" if at is None else rfc3339(at, self._is.site.zone)[:19].replace("T", " ")

    def _canvas(self) -> type[Canvas]:
        foot = f"{self._row['number']} · {self._word('content')} SHA-256 {self._is.content}"
        page = self._word("page")

        class Numbered(Canvas):
            """Writes the foot of every page once it is known how many there are."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self._pages: list[dict[str, Any]] = []

            def showPage(self) -> None:  # noqa: N802 - reportlab's own name
                """Keep the page as it stands, and begin the next."""
                self._pages.append(dict(self.__dict__))
                self._startPage()  # type: ignore[attr-defined] # the stubs leave it out

            def save(self) -> None:
                """Write every page with its foot."""
                for number, state in enumerate(self._pages, 1):
                    self.__dict__.update(state)
                    self.setFont(CJK, 7)
                    self.line(20 * mm, 14 * mm, 190 * mm, 14 * mm)
                    self.drawString(20 * mm, 10.5 * mm, foot)
                    self.drawRightString(190 * mm, 6.5 * mm, page.format(number, len(self._pages)))
                    super().showPage()
                super().save()

        return Numbered


def _picture(path: Path) -> Image | None:
    """The picture, no larger than paper needs; None where it is none that can be drawn."""
    made = io.BytesIO()
    try:
        with Picture.open(path) as opened:
            opened.draft("RGB", (_PIXELS, _PIXELS))
            shown = opened.convert("RGB")
        shown.thumbnail((_PIXELS, _PIXELS))
        shown.save(made, "JPEG", quality=82)
    except (OSError, ValueError, Picture.DecompressionBombError, SyntaxError):
        return None
    wide = min(WIDTH * 0.75, 230 * shown.width / shown.height)
    return Image(io.BytesIO(made.getvalue()), width=wide, height=wide * shown.height / shown.width, hAlign="LEFT")


def _faced(words: str) -> str:
    """Mark-up of plain words: Latin in Helvetica, the rest in the Chinese face, what no printer knows as a box."""
    parts = []
    for latin, letters in groupby(words, lambda letter: " " <= letter <= "~"):
        run = escape("".join(letters))
        shown = (
            run if latin else "".join(letter if letter.isprintable() and letter <= "\uffff" else "□" for letter in run)
        )
        parts.append(f'<font face="Helvetica">{run}</font>' if latin else shown)
    return "".join(parts)


def _number(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:g} {unit}".rstrip()
