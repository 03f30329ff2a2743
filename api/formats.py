"""Which form an answer takes: `?format=` where it is given, else what `Accept` prefers among the forms a path offers."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from api.problem import Problem, invalid


@dataclass(frozen=True, slots=True)
class Format:
    """One form of an answer: its word in `?format=`, its media type and the file's ending."""

    name: str
    media_type: str
    ending: str


JSON: Final = Format("json", "application/json", "json")
GEOJSON: Final = Format("geojson", "application/geo+json", "geojson")
CSV: Final = Format("csv", "text/csv", "csv")
XLSX: Final = Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
PARQUET: Final = Format("parquet", "application/vnd.apache.parquet", "parquet")

TABULAR: Final = (JSON, CSV, XLSX, PARQUET)


def negotiate(request: Request, offered: tuple[Format, ...]) -> Format:
    """The form to answer in; the first offered where the caller does not mind.

    Raises:
        Problem: `not-acceptable` for an Accept nobody can meet, `invalid-parameter` for an unknown `?format=`.
    """
    asked = request.query_params.get("format")
    if asked is not None:
        for form in offered:
            if form.name == asked:
                return form
        raise invalid("format", "one of " + ", ".join(form.name for form in offered))
    chosen = _accepted(request.headers.get("accept", ""), offered)
    if chosen is None:
        known = ", ".join(form.media_type for form in offered)
        raise Problem(
            "not-acceptable", f"This path gives {known}", zh=f"此路径可提供：{known}", formats=known.split(", ")
        )
    return chosen


def _accepted(accept: str, offered: tuple[Format, ...]) -> Format | None:
    if not accept.strip():
        return offered[0]
    best, chosen = 0.0, None
    for part in accept.split(","):
        media, _, parameters = part.partition(";")
        weight = _quality(parameters)
        match = next((form for form in offered if _matches(media.strip().lower(), form)), None)
        if match is not None and weight > best:
            best, chosen = weight, match
    return chosen


def _matches(media: str, form: Format) -> bool:
    kind = form.media_type.split("/", maxsplit=1)[0]
    return media in ("*/*", f"{kind}/*", form.media_type)


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
