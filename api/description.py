"""The application's OpenAPI 3.1 document: FastAPI's own, with our problems, our security schemes and the shapes of pages."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api import documents
from api.problem import KINDS, MEDIA_TYPE, TYPE_PREFIX

_SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `hub token create` or POST /v1/tokens"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "hub_session",
        "description": "The console's session; changes also need the header X-CSRF-Token",
    },
    "device": {"type": "http", "scheme": "basic", "description": "DEPARTMENT/KIND/DEVICE and the device's secret"},
}
_METHODS: Final = ("get", "post", "put", "delete")
_POST_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key with the same request does it once; the first answer is given again for a day",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document."""
    document = get_openapi(
        title="Streamwarden", version="1", summary="Observations, alerts and incidents of a district", routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    shapes: list[type[BaseModel]] = [*documents.SHAPES.values(), documents.ProblemShape]
    for shape in shapes:
        own = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(own.pop("$defs", {}))
        schemas[shape.__name__] = own
    document["components"]["securitySchemes"] = _SECURITY
    document["security"] = [{"bearer": []}, {"session": []}]
    document["x-problems"] = {
        TYPE_PREFIX + kind.name: {"status": kind.status, "en": kind.en, "zh": kind.zh} for kind in KINDS.values()
    }
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                _mend(path[method], method)
    return document


def _mend(operation: dict[str, Any], method: str) -> None:
    problem = {"schema": {"$ref": "#/components/schemas/ProblemShape"}}
    responses = operation["responses"]
    responses.pop("422", None)
    responses["default"] = {"description": "A problem (RFC 9457)", "content": {MEDIA_TYPE: problem}}
    if method == "post":
        operation.setdefault("parameters", []).append(_POST_HEADER)
