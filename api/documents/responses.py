"""How a path's answers are described."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.documents.shape import Shape
from api.formats import CSV, GEOJSON, PARQUET, XLSX


class FieldProblem(Shape):
    """One parameter or field that is not as expected."""

    field: str
    expected: str
    place: str = Field(alias="in")


class ProblemShape(BaseModel):
    """RFC 9457: what went wrong; `type` never changes, other members may be added."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldProblem] = []


Responses = dict[int | str, dict[str, Any]]


def one(shape: type[BaseModel], description: str = "", *, status: int = 200, files: bool = False) -> Responses:
    """The answer of one object."""
    described: dict[str, Any] = {"model": shape, "description": description or (shape.__doc__ or "")}
    if files:
        described["content"] = _files()
    return {status: described}


def page(shape: type[BaseModel], *, files: bool = False, geometry: bool = False) -> Responses:
    """The answer of a page of objects."""
    schema = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{shape.__name__}"}},
            "next": {"type": ["string", "null"], "description": "The `cursor` of the next page"},
        },
    }
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    content.update(_files() if files else {})
    if geometry:
        content[GEOJSON.media_type] = {"schema": {"type": "object", "description": "RFC 7946 FeatureCollection"}}
    SHAPES[shape.__name__] = shape
    return {200: {"description": f"A page: {shape.__doc__}", "content": content}}


SHAPES: dict[str, type[BaseModel]] = {}
"""Shapes of page items, which FastAPI does not see by itself; api.description adds them."""


def _files() -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {CSV.media_type: text, XLSX.media_type: binary, PARQUET.media_type: binary}


TEXT: Responses = {200: {"description": "Plain text", "content": {"text/plain": {"schema": {"type": "string"}}}}}
BYTES: Responses = {
    200: {
        "description": "The bytes",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
EVENTS: Responses = {
    200: {
        "description": "Server-sent events alert, incident, latest, health, dead_letter, reset",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
DEVICE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {}},
            "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    "security": [{"bearer": []}, {"device": []}],
}
