"""Answers that show a secret once: never cached, and never kept for a repeated request."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from api.answers import answer

MARK: Final = "x-hub-secret"
"""Between a route and the idempotency store only; it does not leave the hub."""


def secret_answer(body: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """`body`, which holds a secret."""
    return answer(body, status, {**(headers or {}), "Cache-Control": "no-store", MARK: "1"})
